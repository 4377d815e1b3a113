package dev.witnessmark.kernels.operation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What {@link Summarise} says of values.
 *
 * @param sum Σx of the finite ones
 * @param squares Σx² of the finite ones
 * @param hash of the bits of all
 * @param nans how many are NaN
 * @param positiveInfinities how many are +∞
 * @param negativeInfinities how many are −∞
 * @param zeros how many are −0 or +0
 * @param indexOfLargest of the first finite value of the largest magnitude; −1 if none is finite
 * @param largestMagnitude of a finite value; 0 if none is
 * @param smallest finite value, −0 below +0; 0 if none is
 * @param largest finite value; 0 if none is
 */
public record Summary(
    double sum,
    double squares,
    long hash,
    long nans,
    long positiveInfinities,
    long negativeInfinities,
    long zeros,
    long indexOfLargest,
    float largestMagnitude,
    float smallest,
    float largest) {

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Reads a record of {@link Summarise}. */
  public static Summary of(MemorySegment bytes) {
    return new Summary(
        bytes.get(DOUBLE, 0),
        bytes.get(DOUBLE, 8),
        bytes.get(LONG, 16),
        bytes.get(LONG, 24),
        bytes.get(LONG, 32),
        bytes.get(LONG, 40),
        bytes.get(LONG, 48),
        bytes.get(LONG, 56),
        bytes.get(FLOAT, 64),
        bytes.get(FLOAT, 68),
        bytes.get(FLOAT, 72));
  }

  /** Writes the record. */
  public void write(MemorySegment bytes) {
    bytes.set(DOUBLE, 0, sum);
    bytes.set(DOUBLE, 8, squares);
    bytes.set(LONG, 16, hash);
    bytes.set(LONG, 24, nans);
    bytes.set(LONG, 32, positiveInfinities);
    bytes.set(LONG, 40, negativeInfinities);
    bytes.set(LONG, 48, zeros);
    bytes.set(LONG, 56, indexOfLargest);
    bytes.set(FLOAT, 64, largestMagnitude);
    bytes.set(FLOAT, 68, smallest);
    bytes.set(FLOAT, 72, largest);
    bytes.set(FLOAT, 76, 0);
  }
}
