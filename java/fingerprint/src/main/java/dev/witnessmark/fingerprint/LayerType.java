package dev.witnessmark.fingerprint;

import java.util.stream.LongStream;
import java.util.stream.Stream;

/** What an index files a tensor under, decided by its name and shape. */
public enum LayerType {
  ATTENTION(0, "Attention"),
  FEED_FORWARD(1, "FeedForward"),
  CONV_2D(2, "Conv2D"),
  NORM(3, "Norm"),
  EMBEDDING(4, "Embedding"),
  SKIP(5, "Skip");

  /** Tensors of fewer values are skipped, whatever they are called. */
  private static final long FEWEST_VALUES = 1024;

  /** Matrices of unknown name count as attention from this many values on. */
  private static final long FEWEST_VALUES_OF_UNNAMED_MATRIX = 4096;

  private static final int CONVOLUTION_RANK = 4;

  private final int code;
  private final String label;

  LayerType(int code, String label) {
    this.code = code;
    this.label = label;
  }

  /** The name that reports use. */
  public String label() {
    return label;
  }

  /** The byte that an index file stores. */
  public int code() {
    return code;
  }

  /** The type of a stored byte; what no writer writes reads as {@link #SKIP}. */
  public static LayerType ofCode(int code) {
    return Stream.of(values()).filter(each -> each.code == code).findFirst().orElse(SKIP);
  }

  /** Whether tensors of this type have fingerprints. */
  public boolean indexed() {
    return this != NORM && this != SKIP;
  }

  /**
   * The type of a tensor: the first rule that fits, by plain search for parts of the name.
   *
   * @param name its name
   * @param dimensions its shape, in any order
   */
  public static LayerType of(String name, long... dimensions) {
    long values = LongStream.of(dimensions).reduce(1, LayerType::saturatingMultiply);
    if (values < FEWEST_VALUES) {
      return SKIP;
    }
    if (containsAny(name, "norm", "ln_")) {
      return NORM;
    }
    if (containsAny(name, "embed", "token_embd", "wte", "wpe")) {
      return EMBEDDING;
    }
    if (dimensions.length == CONVOLUTION_RANK) {
      return CONV_2D;
    }
    if (containsAny(name, "attn", "q_proj", "k_proj", "v_proj", "o_proj")) {
      return ATTENTION;
    }
    if (containsAny(
        name, "ffn", "mlp", "fc1", "fc2", "gate", "up_proj", "down_proj", "w1", "w2", "w3")) {
      return FEED_FORWARD;
    }
    return dimensions.length == 2 && values >= FEWEST_VALUES_OF_UNNAMED_MATRIX ? ATTENTION : SKIP;
  }

  private static boolean containsAny(String name, String... parts) {
    return Stream.of(parts).anyMatch(name::contains);
  }

  private static long saturatingMultiply(long a, long b) {
    return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE;
  }
}
