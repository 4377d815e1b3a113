package dev.witnessmark.parity.stage;

import java.util.Comparator;

/**
 * Two values at one place.
 *
 * @param index the place, counted row by row
 * @param a the left value
 * @param b the right value
 * @param distance |a − b| in float32; 0 where the bits are equal, NaN where either is a NaN and
 *     they are not
 */
public record ValuePair(long index, float a, float b, float distance) {

  /** The furthest apart first, NaN before any; of equally far ones the first. */
  static final Comparator<ValuePair> FURTHEST =
      Comparator.comparingDouble(ValuePair::distance)
          .reversed()
          .thenComparingLong(ValuePair::index);

  /** Whether they are not the same number. */
  public boolean differs() {
    return distance != 0;
  }
}
