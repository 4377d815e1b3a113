package dev.witnessmark.parity.measure;

import org.jspecify.annotations.Nullable;

/**
 * How far b is from a, the reference. Pairs that are equal as bits, or as numbers, are equal; so
 * are two NaN of the same bits. Any other pair with a NaN or an infinity differs and enters no sum.
 *
 * @param elements values on either side
 * @param columns elements of a row: of a position, or of a query and head
 * @param differing pairs that are not equal
 * @param notFinite of these, pairs with a NaN or an infinity
 * @param largest largest |a − b| of a finite pair
 * @param largestAt index of the first pair that has it; −1 if none differs
 * @param scaled {@code largest} over the root mean square of a; infinite where that is 0
 * @param rms root mean square of a − b
 * @param referenceRms root mean square of a
 * @param leastCosine smallest cosine of a row of a with that row of b; null where both rows of
 *     every pair are zero
 * @param leastCosineRow the row that has it; −1 if there is none
 */
public record StageMetrics(
    long elements,
    int columns,
    long differing,
    long notFinite,
    double largest,
    long largestAt,
    double scaled,
    double rms,
    double referenceRms,
    @Nullable Double leastCosine,
    int leastCosineRow) {

  /** Whether every pair is equal. */
  public boolean same() {
    return differing == 0;
  }

  /** Signal over noise in decibels; infinite if nothing differs. */
  public double signalToNoise() {
    return 20 * Math.log10(referenceRms / rms);
  }

  /** {@link #rms} over the root mean square of a. */
  public double relative() {
    return rms == 0 ? 0 : rms / referenceRms;
  }

  /** The row of the largest difference; −1 if none differs. */
  public int worstRow() {
    return largestAt < 0 ? -1 : (int) (largestAt / columns);
  }

  /** Compares two tensors of the same shape, row by row. */
  public static StageMetrics of(double[] a, double[] b, int columns) {
    if (a.length != b.length || a.length % columns != 0) {
      throw new IllegalArgumentException(
          "%d against %d values in rows of %d".formatted(a.length, b.length, columns));
    }
    long differing = 0;
    long notFinite = 0;
    double largest = 0;
    long largestAt = -1;
    double errors = 0;
    double squares = 0;
    Double least = null;
    int leastRow = -1;
    for (int first = 0; first < a.length; first += columns) {
      double aa = 0;
      double bb = 0;
      double ab = 0;
      boolean whole = true;
      for (int i = first; i < first + columns; i++) {
        double x = a[i];
        double y = b[i];
        if (!Double.isFinite(x) || !Double.isFinite(y)) {
          boolean equal = Double.doubleToRawLongBits(x) == Double.doubleToRawLongBits(y);
          differing += equal ? 0 : 1;
          notFinite += equal ? 0 : 1;
          whole &= equal;
          continue;
        }
        double error = Math.abs(x - y);
        differing += error == 0 ? 0 : 1;
        if (error > largest) {
          largest = error;
          largestAt = i;
        }
        errors += error * error;
        aa += x * x;
        bb += y * y;
        ab += x * y;
      }
      squares += aa;
      Double cosine = whole ? cosine(aa, bb, ab) : Double.valueOf(Double.NaN);
      if (cosine != null && (least == null || !(cosine >= least))) {
        least = cosine;
        leastRow = first / columns;
      }
    }
    double referenceRms = Math.sqrt(squares / a.length);
    return new StageMetrics(
        a.length,
        columns,
        differing,
        notFinite,
        largest,
        largestAt,
        largest == 0 ? 0 : largest / referenceRms,
        Math.sqrt(errors / a.length),
        referenceRms,
        least,
        leastRow);
  }

  /** Null where both are zero, and cannot be told apart. */
  private static @Nullable Double cosine(double aa, double bb, double ab) {
    if (aa == 0 && bb == 0) {
      return null;
    }
    return aa == 0 || bb == 0 ? 0 : Math.clamp(ab / (Math.sqrt(aa) * Math.sqrt(bb)), -1, 1);
  }
}
