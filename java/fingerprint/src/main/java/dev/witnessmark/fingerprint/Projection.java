package dev.witnessmark.fingerprint;

import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a tensor projects, read off its name alone: the first rule that fits. Codes are those of
 * packed edges; labels are keys of tables and appear in reports.
 *
 * <p>Plain searches for parts of names have odd results, kept because tables made elsewhere have
 * them: a fused {@code qkv_proj} is V, {@code attn_qkv} is Q, the router {@code mlp.gate} of
 * Hugging Face is FfnGate.
 */
public enum Projection {
  Q(0, "Q"),
  K(1, "K"),
  V(2, "V"),
  O(3, "O"),
  GATE(4, "Gate"),
  FFN_GATE(5, "FfnGate"),
  FFN_UP(6, "FfnUp"),
  FFN_DOWN(7, "FfnDown"),
  EMBEDDING(8, "Embedding"),
  OTHER(9, "Other");

  private final int code;
  private final String label;

  Projection(int code, String label) {
    this.code = code;
    this.label = label;
  }

  /** The name in tables and reports. */
  public String label() {
    return label;
  }

  /** The number in a packed edge. */
  public int code() {
    return code;
  }

  /** The projection of a number; those that nothing writes read as {@link #OTHER}. */
  public static Projection ofCode(int code) {
    return Stream.of(values()).filter(each -> each.code == code).findFirst().orElse(OTHER);
  }

  /** The projection of a tensor called {@code name}. */
  public static Projection of(String name) {
    Predicate<String> has = name::contains;
    if (has.test("q_proj") || has.test("attn_q")) {
      return Q;
    }
    if (has.test("k_proj") || has.test("attn_k")) {
      return K;
    }
    if (has.test("v_proj") || has.test("attn_v")) {
      return V;
    }
    if (has.test("o_proj") || has.test("attn_output")) {
      return O;
    }
    if (has.test("gate_inp")) {
      return GATE;
    }
    if (has.test("gate") && has.test("exp")) {
      return FFN_GATE;
    }
    if (has.test("up") && (has.test("exp") || has.test("ffn"))) {
      return FFN_UP;
    }
    if (has.test("down") && (has.test("exp") || has.test("ffn"))) {
      return FFN_DOWN;
    }
    if (has.test("gate")) {
      return FFN_GATE;
    }
    if (has.test("up_proj")) {
      return FFN_UP;
    }
    if (has.test("down_proj")) {
      return FFN_DOWN;
    }
    return has.test("embed") || has.test("embd") ? EMBEDDING : OTHER;
  }
}
