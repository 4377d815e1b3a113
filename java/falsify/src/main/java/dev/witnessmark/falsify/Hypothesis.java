package dev.witnessmark.falsify;

/**
 * A claim, and what must be measured if it is true.
 *
 * @param claim the claim
 * @param quantity what is measured
 * @param bound from which side the limit counts
 * @param limit the limit
 * @param basis why this limit
 */
public record Hypothesis(String claim, String quantity, Bound bound, double limit, String basis) {

  /** The side on which a measurement must be. */
  public enum Bound {
    AT_LEAST("≥"),
    AT_MOST("≤");

    private final String sign;

    Bound(String sign) {
      this.sign = sign;
    }

    public String sign() {
      return sign;
    }
  }

  /** Whether that is what must be measured. */
  boolean predicts(double measured) {
    return bound == Bound.AT_LEAST ? measured >= limit : measured <= limit;
  }
}
