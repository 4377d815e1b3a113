package dev.witnessmark.kernels.difference;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * {@link DifferenceKernel} for values that float32 cannot hold (float64 and integers of 32 bits and
 * more), decoded to float64. The definitions are the same, with Δ = a − b in double, and with these
 * differences:
 *
 * <ul>
 *   <li>d is |Δ| rounded to float32, but at least the smallest positive float where Δ is not zero.
 *   <li>Squares can leave the range of doubles; such pairs are counted in {@link
 *       DifferenceSums#outOfRange}.
 *   <li>Allowances are float64, e is their sum in double; within means |Δ| ≤ e, the ratio is |Δ| /
 *       e, both in double.
 * </ul>
 */
public final class WideDifference {

  /** Below this the square of a number other than zero may lose digits. */
  private static final double SMALLEST = 0x1p-511;

  /** Up to this 2⁶⁴ squares can be added. */
  private static final double LARGEST = 0x1p480;

  private WideDifference() {}

  /** As {@link DifferenceKernel#reduce}, on float64 values in native byte order. */
  public static void reduce(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int elements, DifferenceSums sums) {
    Objects.checkFromToIndex(0, elements, DifferenceKernel.SEGMENT);
    sums.begin();
    for (int i = 0; i < elements; i++) {
      double x = element(a, aAt, i);
      double y = element(b, bAt, i);
      if (Double.isFinite(x) && Double.isFinite(y)) {
        double difference = x - y;
        sums.take(i, x, y, difference, magnitude(difference));
        if (x == y && !sameBits(x, y)) {
          sums.countSignedZeros(1);
        }
        if (!squareInRange(difference) || !squareInRange(x) || !squareInRange(y)) {
          sums.countOutOfRange();
        }
      } else {
        sums.nonFinite().count(x, y, sameBits(x, y));
      }
    }
    sums.end(elements);
  }

  /** As {@link DifferenceKernel#offer}. */
  public static void offer(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int elements,
      long firstIndex,
      TopDifferences top) {
    Objects.checkFromToIndex(0, elements, DifferenceKernel.SEGMENT);
    for (int i = 0; i < elements; i++) {
      top.offer(firstIndex + i, element(a, aAt, i), element(b, bAt, i));
    }
  }

  /** As {@link DifferenceKernel#judge}. */
  public static void judge(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment boundsA,
      long boundsAAt,
      MemorySegment boundsB,
      long boundsBAt,
      int elements,
      long firstIndex,
      FloorSums sums) {
    Objects.checkFromToIndex(0, elements, DifferenceKernel.SEGMENT);
    sums.begin();
    for (int i = 0; i < elements; i++) {
      double x = element(a, aAt, i);
      double y = element(b, bAt, i);
      if (x == y || sameBits(x, y)) {
        continue;
      }
      double difference = x - y;
      double allowed = element(boundsA, boundsAAt, i) + element(boundsB, boundsBAt, i);
      boolean finite = Double.isFinite(x) && Double.isFinite(y);
      sums.take(
          i,
          difference,
          finite && Math.abs(difference) <= allowed,
          finite && allowed >= 0 ? Math.abs(difference) / allowed : Double.POSITIVE_INFINITY,
          firstIndex + i);
    }
    sums.end();
  }

  private static double element(MemorySegment values, long at, int i) {
    return values.get(JAVA_DOUBLE_UNALIGNED, at + (long) i * Double.BYTES);
  }

  private static boolean sameBits(double x, double y) {
    return Double.doubleToRawLongBits(x) == Double.doubleToRawLongBits(y);
  }

  private static float magnitude(double difference) {
    return difference == 0 ? 0 : Math.max(Float.MIN_VALUE, (float) Math.abs(difference));
  }

  private static boolean squareInRange(double value) {
    double magnitude = Math.abs(value);
    return magnitude == 0 || (magnitude >= SMALLEST && magnitude <= LARGEST);
  }
}
