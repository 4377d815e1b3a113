package dev.witnessmark.kernels.difference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What a device says of one segment that it reduced as {@link DifferenceKernel#reduce}: a record of
 * {@value #BYTES} bytes, little-endian, with its fields in this order, sums as float64, the largest
 * |a − b| as float32, the rest as int32.
 *
 * @param delta ΣΔ over the finite pairs, Δ = a − b
 * @param deltaSquared ΣΔ²
 * @param aSquared Σa²
 * @param bSquared Σb²
 * @param product Σab
 * @param largest the largest |a − b| of a finite pair; 0 if none differs
 * @param index of the first pair that has it, within the segment; −1 if none differs
 * @param nanSame NaN on both sides with the same bits
 * @param nanDifferent NaN on both sides with other bits
 * @param nanOnlyA NaN only in a
 * @param nanOnlyB NaN only in b
 * @param infinitySame the same infinity on both sides
 * @param infinityOpposite opposite infinities
 * @param infinityOnlyA infinity in a, a finite number in b
 * @param infinityOnlyB infinity in b, a finite number in a
 * @param signedZeros zeros of different sign
 * @param finite pairs of two finite numbers
 */
public record ComparedSegment(
    double delta,
    double deltaSquared,
    double aSquared,
    double bSquared,
    double product,
    float largest,
    int index,
    int nanSame,
    int nanDifferent,
    int nanOnlyA,
    int nanOnlyB,
    int infinitySame,
    int infinityOpposite,
    int infinityOnlyA,
    int infinityOnlyB,
    int signedZeros,
    int finite) {

  /** Size of the record. */
  public static final int BYTES = 88;

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Reads the record at byte {@code at}. */
  public static ComparedSegment of(MemorySegment records, long at) {
    return new ComparedSegment(
        records.get(DOUBLE, at),
        records.get(DOUBLE, at + 8),
        records.get(DOUBLE, at + 16),
        records.get(DOUBLE, at + 24),
        records.get(DOUBLE, at + 32),
        records.get(FLOAT, at + 40),
        records.get(INT, at + 44),
        records.get(INT, at + 48),
        records.get(INT, at + 52),
        records.get(INT, at + 56),
        records.get(INT, at + 60),
        records.get(INT, at + 64),
        records.get(INT, at + 68),
        records.get(INT, at + 72),
        records.get(INT, at + 76),
        records.get(INT, at + 80),
        records.get(INT, at + 84));
  }

  /** Whether some pair is neither of equal numbers or infinities nor of two NaN. */
  public boolean differsInNumbers() {
    return largest > 0
        || (nanOnlyA | nanOnlyB | infinityOpposite | infinityOnlyA | infinityOnlyB) != 0;
  }
}
