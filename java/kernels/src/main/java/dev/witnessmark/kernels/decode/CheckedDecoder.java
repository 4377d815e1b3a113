package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** What all implementations share: the checks of their arguments. */
abstract sealed class CheckedDecoder implements Decoder
    permits ScalarDecoder, VectorBlockDecoder, VectorPlainDecoder {

  final TensorType type;

  CheckedDecoder(TensorType type) {
    this.type = type;
  }

  /** {@link #decode} with checked arguments. */
  abstract void decodeChecked(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements);

  /** {@link #bounds} with checked arguments. */
  abstract void boundsChecked(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements);

  /** {@link #decodeWithBounds} with checked arguments. */
  void decodeWithBoundsChecked(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    decodeChecked(stored, storedAt, values, valuesAt, elements);
    boundsChecked(stored, storedAt, values, valuesAt, bounds, boundsAt, elements);
  }

  @Override
  public final TensorType type() {
    return type;
  }

  @Override
  public final boolean hasDerivedBound() {
    return Rounding.isDerived(type);
  }

  @Override
  public final void decode(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    check(stored, storedAt, values, valuesAt, elements);
    decodeChecked(stored, storedAt, values, valuesAt, elements);
  }

  @Override
  public final void bounds(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    checkBounds(stored, storedAt, values, valuesAt, bounds, boundsAt, elements);
    boundsChecked(stored, storedAt, values, valuesAt, bounds, boundsAt, elements);
  }

  @Override
  public final void decodeWithBounds(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    checkBounds(stored, storedAt, values, valuesAt, bounds, boundsAt, elements);
    decodeWithBoundsChecked(stored, storedAt, values, valuesAt, bounds, boundsAt, elements);
  }

  private void check(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    Objects.checkFromIndexSize(storedAt, type.bytes(elements), stored.byteSize());
    Objects.checkFromIndexSize(valuesAt, 4L * elements, values.byteSize());
  }

  private void checkBounds(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    if (!hasDerivedBound()) {
      throw new IllegalStateException("no bound can be derived for " + type);
    }
    check(stored, storedAt, values, valuesAt, elements);
    Objects.checkFromIndexSize(boundsAt, 4L * elements, bounds.byteSize());
  }
}
