package dev.witnessmark.inference;

/**
 * From which tokens is drawn, and how often each.
 *
 * @param temperature what logits are divided by, above 0
 * @param topK how many of the largest logits take part; 0 is all
 * @param topP of those, the fewest largest whose probabilities together reach this part of 1 take
 *     part; above 0, and 1 is all
 */
public record Sampling(double temperature, int topK, double topP) {

  /** Every token, as often as the model says. */
  public static final Sampling PLAIN = new Sampling(1, 0, 1);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is outside its range
   */
  public Sampling {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature %s is not above 0".formatted(temperature));
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k %d is negative".formatted(topK));
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p %s is not above 0 and at most 1".formatted(topP));
    }
  }
}
