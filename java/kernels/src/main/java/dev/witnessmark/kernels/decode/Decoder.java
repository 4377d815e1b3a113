package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * Decodes stored values to float32 and bounds what storing them had rounded away.
 *
 * <p>Every implementation gives the same bits, except that a NaN may be any NaN. Values are rounded
 * operation by operation in float32, to nearest even, products from left to right, without fused
 * multiply-add. Segments are native memory; multi-byte fields of stored values are little-endian,
 * float32 results have the native order and need no alignment. A decoder owns scratch memory: it
 * belongs to one thread. No call allocates.
 */
public interface Decoder {

  /** The type that is decoded. */
  TensorType type();

  /** What computes: {@code scalar} or, for example, {@code vector-512}. */
  String implementation();

  /**
   * Writes {@code elements} float32 values at byte {@code valuesAt} of {@code values}.
   *
   * @param stored holds whole blocks of {@link #type()} from byte {@code storedAt}
   * @param elements number of values, a multiple of {@code type().blockElements()}
   * @throws ArithmeticException if {@code elements} are not whole blocks
   * @throws IndexOutOfBoundsException if that leaves one of the segments
   */
  void decode(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements);

  default void bounds(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {}
}
