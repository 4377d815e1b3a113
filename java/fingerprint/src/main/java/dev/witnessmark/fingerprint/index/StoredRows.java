package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.format.TensorType;

/**
 * The values of a matrix, cut into rows that need not be its own: one row for each index of the
 * tensor's slowest dimension, all of a vector in one.
 *
 * @param matrix the values, in their order
 * @param rows number of rows
 * @param columns values of a row; {@code rows × columns} is the number of values
 * @param stride every how many octaves one is visited
 */
record StoredRows(Matrix matrix, long rows, long columns, int stride) {

  TensorType type() {
    return matrix.type();
  }
}
