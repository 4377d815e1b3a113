package dev.witnessmark.causal.diff;

/**
 * From where on a row counts as shifted: strictly beyond.
 *
 * @param value the distance, or how many times the mean distance of unrelated rows of its tensor
 * @param inUnitsOfNull which of both
 */
public record Threshold(double value, boolean inUnitsOfNull) {

  public Threshold {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("threshold " + value);
    }
  }

  /** A distance. */
  public static Threshold of(double distance) {
    return new Threshold(distance, false);
  }

  /** The distance for a tensor; infinite where it would need a null that there is none of. */
  double of(UnrelatedRows unrelated) {
    if (!inUnitsOfNull) {
      return value;
    }
    return unrelated.known() ? value * unrelated.mean() : Double.POSITIVE_INFINITY;
  }
}
