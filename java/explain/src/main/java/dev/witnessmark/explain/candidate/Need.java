package dev.witnessmark.explain.candidate;

/** What a candidate is built from. What is not there makes it unavailable, for that reason. */
public enum Need {
  UNEMBEDDING("the unembedding"),
  QUERY("the query projection"),
  KEY("the key projection"),
  VALUE("the value projection"),
  OUTPUT("the output projection of attention"),
  GATE("the gate projection of the MLP"),
  UP("the up projection of the MLP"),
  DOWN("the down projection of the MLP"),
  READERS("all matrices of the block that read the hidden state"),
  ALL_READERS("all matrices of all blocks that read the hidden state"),
  ALL_WRITERS("all matrices of all blocks that write to the hidden state"),
  LATER_READERS("all matrices of later blocks that read the hidden state"),
  HEADS("the number of attention heads"),
  SINK_TOKEN("the token of the attention sink"),
  CLEAN_STATES("hs_clean_fit"),
  PERSONA_STATES("hs_persona_pos_fit and hs_persona_neg_fit"),
  CLEAN_UP_INPUTS("up_in_clean_fit"),
  PERSONA_UP_INPUTS("up_in_persona_pos_fit and up_in_persona_neg_fit"),
  TOKENS("tok_hs_* and tok_attn_* of both personas"),
  FIT_LABEL("lora_diff_fit"),
  EVALUATION_LABEL("lora_diff_eval"),
  BLOCK_LABEL("block_diff_eval"),
  DELTA("a delta of the output or the down projection");

  private final String label;

  Need(String label) {
    this.label = label;
  }

  /** What it is, for "not available because there is no …". */
  public String label() {
    return label;
  }

  /** Whether it is recorded rather than stored in a checkpoint. */
  public boolean isCapture() {
    return switch (this) {
      case CLEAN_STATES,
          PERSONA_STATES,
          CLEAN_UP_INPUTS,
          PERSONA_UP_INPUTS,
          TOKENS,
          FIT_LABEL,
          EVALUATION_LABEL,
          BLOCK_LABEL ->
          true;
      default -> false;
    };
  }
}
