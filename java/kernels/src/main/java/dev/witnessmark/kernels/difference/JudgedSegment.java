package dev.witnessmark.kernels.difference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What a device says of one segment that it judged as {@link DifferenceKernel#judge}: a record of
 * {@value #BYTES} bytes, little-endian, with its fields in this order: the sum as float64, the
 * ratio as float32, the rest as int32.
 *
 * @param deltaSquaredWithin ΣΔ² over the pairs within their allowance
 * @param ratio the largest ratio of a difference to its allowance; 0 if none is above 0
 * @param index of the first pair that has it, within the segment; −1 if none is above 0
 * @param differing pairs that differ
 * @param within those of them within their allowance
 */
public record JudgedSegment(
    double deltaSquaredWithin, float ratio, int index, int differing, int within) {

  /** Size of the record. */
  public static final int BYTES = 24;

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Reads the record at byte {@code at}. */
  public static JudgedSegment of(MemorySegment records, long at) {
    return new JudgedSegment(
        records.get(DOUBLE, at),
        records.get(FLOAT, at + 8),
        records.get(INT, at + 12),
        records.get(INT, at + 16),
        records.get(INT, at + 20));
  }
}
