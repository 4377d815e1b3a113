package dev.witnessmark.explain.source;

import java.util.Arrays;
import java.util.Optional;

/** The tensors of a capture folder, by name. L layers, n prompts, T tokens, d width. */
public enum CaptureTensor {
  /** Block output of the base, last token, plain prompts to fit on: {@code [L, n, d]}. */
  CLEAN_FIT("hs_clean_fit", true, false),
  /** The same under the positive persona. */
  PERSONA_POSITIVE_FIT("hs_persona_pos_fit", true, false),
  /** The same under the negative persona. */
  PERSONA_NEGATIVE_FIT("hs_persona_neg_fit", true, false),
  /** Input of the MLP's up projection, after its norm; otherwise as {@link #CLEAN_FIT}. */
  UP_INPUT_CLEAN_FIT("up_in_clean_fit", true, false),
  UP_INPUT_POSITIVE_FIT("up_in_persona_pos_fit", true, false),
  UP_INPUT_NEGATIVE_FIT("up_in_persona_neg_fit", true, false),
  /** Block outputs of all tokens, aligned to the right, zeros left: {@code [L, n, T, d]}. */
  TOKENS_POSITIVE_FIT("tok_hs_persona_pos_fit", true, true),
  TOKENS_NEGATIVE_FIT("tok_hs_persona_neg_fit", true, true),
  /** Softmax row of the last token, mean over heads, aligned likewise: {@code [L, n, T]}. */
  ATTENTION_POSITIVE_FIT("tok_attn_persona_pos_fit", false, true),
  ATTENTION_NEGATIVE_FIT("tok_attn_persona_neg_fit", false, true),
  /**
   * What tuning does, on the prompts to fit on: block output of base + delta minus that of base −
   * delta, {@code [L, n, d]}.
   */
  LABEL_FIT("lora_diff_fit", true, false),
  /** The same on the prompts to judge by. */
  LABEL_EVAL("lora_diff_eval", true, false),
  /** The part of {@link #LABEL_EVAL} that the block itself added. */
  BLOCK_LABEL_EVAL("block_diff_eval", true, false);

  private final String stored;
  private final boolean wide;
  private final boolean tokens;

  CaptureTensor(String stored, boolean wide, boolean tokens) {
    this.stored = stored;
    this.wide = wide;
    this.tokens = tokens;
  }

  /** The tensor of this name. */
  static Optional<CaptureTensor> of(String stored) {
    return Arrays.stream(values()).filter(each -> each.stored.equals(stored)).findFirst();
  }

  /** Name in the file. */
  public String stored() {
    return stored;
  }

  /** Whether the last dimension is the width of the hidden state. */
  boolean isWide() {
    return wide;
  }

  /** Whether there is one value, or one state, per token. */
  boolean isPerToken() {
    return tokens;
  }

  /** Whether it is recorded on the prompts to judge by, not on those to fit on. */
  boolean isEvaluation() {
    return this == LABEL_EVAL || this == BLOCK_LABEL_EVAL;
  }
}
