package dev.witnessmark.causal.diff;

import dev.witnessmark.causal.truth.Truth;

/**
 * Rows of some tensors that were compared, and how far they moved.
 *
 * @param shifted rows further apart than the threshold
 * @param rows all rows that were compared: the true denominator
 * @param unbounded rows at an infinite distance; they count as shifted and enter no sum
 * @param sumOfShifted sum of the distances of shifted rows
 * @param sum sum of the distances of all rows
 * @param largest the largest distance
 * @param beyondNull rows beyond each of {@link UnrelatedRows#FRACTIONS} of what unrelated rows of
 *     their tensor are apart
 * @param rowsWithNull rows of tensors for which that is known
 * @param sumOfNull sum over those rows of the mean distance of unrelated rows of their tensor
 */
public record Shift(
    long shifted,
    long rows,
    long unbounded,
    double sumOfShifted,
    double sum,
    double largest,
    Ladder beyondNull,
    long rowsWithNull,
    double sumOfNull) {

  /** No rows. */
  public static final Shift NONE = new Shift(0, 0, 0, 0, 0, 0, Ladder.EMPTY, 0, 0);

  /** Both together. */
  public Shift plus(Shift other) {
    return new Shift(
        shifted + other.shifted,
        rows + other.rows,
        unbounded + other.unbounded,
        sumOfShifted + other.sumOfShifted,
        sum + other.sum,
        Math.max(largest, other.largest),
        beyondNull.plus(other.beyondNull),
        rowsWithNull + other.rowsWithNull,
        sumOfNull + other.sumOfNull);
  }

  /** Share of rows that shifted, 0 where there are none. */
  public double ratio() {
    return rows == 0 ? 0 : (double) shifted / (double) rows;
  }

  /** Mean distance of all rows at a finite distance, 0 where there are none. */
  public double mean() {
    return rows == unbounded ? 0 : sum / (double) (rows - unbounded);
  }

  /** Mean distance of the shifted rows at a finite distance, 0 where there are none. */
  public double meanOfShifted() {
    return shifted == unbounded ? 0 : sumOfShifted / (double) (shifted - unbounded);
  }

  /** Mean distance of unrelated rows, NaN where that is not known. */
  public double meanOfNull() {
    return rowsWithNull == 0 ? Double.NaN : sumOfNull / (double) rowsWithNull;
  }

  /** How far rows moved in units of what unrelated rows are apart, NaN where not known. */
  public double inUnitsOfNull() {
    double unrelated = meanOfNull();
    return unrelated > 0 ? mean() / unrelated : Double.NaN;
  }

  /** As evidence that these rows shift: frequency is the ratio. */
  public Truth evidence() {
    return Truth.ofShare(shifted, rows);
  }
}
