package dev.witnessmark.format;

import java.util.Arrays;

/**
 * Dimensions of a tensor in row-major order, slowest first, as safetensors and PyTorch write them
 * (GGUF lists them reversed). A matrix {@code [rows, columns]} keeps a row contiguous; a tensor of
 * more dimensions is a matrix whose rows are counted over all but the last; a vector is one row; a
 * scalar is one row of one element.
 */
public final class Shape {

  private final long[] dimensions;
  private final long elements;

  private Shape(long[] dimensions, long elements) {
    this.dimensions = dimensions;
    this.elements = elements;
  }

  /**
   * The shape of {@code dimensions}, slowest first.
   *
   * @throws ArithmeticException if a dimension is negative or the number of elements does not fit
   *     in 63 bits, whatever the order of the factors (a zero does not hide an overflow)
   */
  public static Shape of(long... dimensions) {
    long nonZeroProduct = 1;
    long elements = 1;
    for (long dimension : dimensions) {
      if (dimension < 0) {
        throw new ArithmeticException("negative dimension " + dimension);
      }
      nonZeroProduct = Math.multiplyExact(nonZeroProduct, Math.max(dimension, 1));
      elements *= Math.min(dimension, 1);
    }
    return new Shape(dimensions.clone(), elements * nonZeroProduct);
  }

  public int rank() {
    return dimensions.length;
  }

  /** Length of dimension {@code axis}, 0 being the slowest. */
  public long dimension(int axis) {
    return dimensions[axis];
  }

  /** Number of elements; 1 for a scalar. */
  public long elements() {
    return elements;
  }

  /** Length of the last dimension: the elements of one row. */
  public long columns() {
    return dimensions.length == 0 ? 1 : dimensions[dimensions.length - 1];
  }

  /** Number of rows: the product of all dimensions but the last. */
  public long rows() {
    long rows = 1;
    for (int axis = 0; axis < dimensions.length - 1; axis++) {
      rows *= dimensions[axis];
    }
    return rows;
  }

  /** The dimensions, slowest first. */
  public long[] toArray() {
    return dimensions.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dimensions, that.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  /** For example {@code [1024, 256]}. */
  @Override
  public String toString() {
    return Arrays.toString(dimensions);
  }
}
