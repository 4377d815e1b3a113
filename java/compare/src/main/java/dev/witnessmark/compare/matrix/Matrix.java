package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;

/**
 * A matrix {@code [rows, columns]}, row-major, whose values are read in ranges. Immutable; every
 * worker makes its own {@link MatrixReader}.
 */
public sealed interface Matrix
    permits StoredMatrix,
        RowSlice,
        RowPermutation,
        HeadOrder,
        TransposedMatrix,
        LoweredMatrix,
        AdaptedMatrix {

  /** Name for messages and reports. */
  String name();

  /** Name of the stored tensor that the values come from. */
  default String storedName() {
    return name();
  }

  long rows();

  long columns();

  /** How the values are stored: decides which rounding they have been through. */
  TensorType type();

  /** Number of values. */
  default long elements() {
    return rows() * columns();
  }

  /** Whether the values are integer codes with a scale beside them (ONNX): rounded to steps. */
  default boolean isCoded() {
    return false;
  }

  /**
   * Whether the values are what their stored bytes decode to, in this order, so that readers give
   * {@link MatrixReader#storedBytes}.
   */
  default boolean isStored() {
    return false;
  }

  /** Whether {@link MatrixReader#storedBytes} are the file's with multi-byte fields swapped. */
  default boolean isSwapped() {
    return false;
  }

  /** Whether {@link MatrixReader#bounds} can say how far rounding may have moved each value. */
  boolean bounded();

  /** A reader that takes its memory from {@code staging}; close it before {@code staging}. */
  MatrixReader reader(Staging staging);

  /**
   * Elements at which a range may start or end: reading is by whole blocks of the stored type.
   * Divides {@link #columns()} unless the matrix has a single row.
   */
  default int granularity() {
    return type().blockElements();
  }
}
