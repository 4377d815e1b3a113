package dev.witnessmark.causal.truth;

/**
 * Amounts of evidence for and against.
 *
 * @param positive for, not negative
 * @param negative against, not negative
 */
public record Evidence(float positive, float negative) {

  /** Both together. */
  public Evidence plus(Evidence other) {
    return new Evidence(positive + other.positive, negative + other.negative);
  }

  /** The truth that this evidence supports: {@code f = p/t}, {@code c = t/(t+1)}. */
  public Truth truth() {
    float total = positive + negative;
    return total <= 0 ? Truth.IGNORANCE : Truth.of(positive / total, total / (total + 1));
  }
}
