package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * Decodes stored values to float32 and bounds what storing them has rounded away.
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

  /**
   * Whether {@link #bounds} can be derived from the stored bytes. It cannot for lattice and ternary
   * types, where an original is not moved to its nearest neighbour on a grid.
   */
  boolean hasDerivedBound();

  /**
   * Writes {@code elements} float32 bounds: if the stored values are roundings of some original,
   * |original - decoded| is at most this, element by element. Infinite or NaN where a value or
   * scale is not finite. {@link Rounding} has the rules and where they come from.
   *
   * @param values what {@link #decode} wrote for {@code stored}, from byte {@code valuesAt}
   * @throws IllegalStateException if {@link #hasDerivedBound} is false
   * @throws ArithmeticException if {@code elements} are not whole blocks
   * @throws IndexOutOfBoundsException if that leaves one of the segments
   */
  void bounds(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements);

  /**
   * {@link #decode} and {@link #bounds} in one: the same results, with the stored blocks taken
   * apart once.
   */
  void decodeWithBounds(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements);
}
