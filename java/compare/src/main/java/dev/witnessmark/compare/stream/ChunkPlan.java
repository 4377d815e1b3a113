package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.format.TensorType;

/**
 * How a matrix is cut into chunks: as many whole rows as fit, or equal pieces of one row where a
 * row is longer than a chunk.
 *
 * @param rows rows of the matrix
 * @param columns values of one row
 * @param rowsPerChunk whole rows of one chunk, 0 where a chunk is a piece of a row
 * @param longest most values of one chunk, a multiple of every block length
 */
record ChunkPlan(long rows, long columns, long rowsPerChunk, int longest) {

  /** Stored bytes of both sides of a chunk stay in a second-level cache between read and use. */
  private static final int BYTES_PER_SIDE = 1 << 18;

  /** The plan for two matrices of one shape, stored as {@code a} and {@code b}. */
  static ChunkPlan of(long rows, long columns, TensorType a, TensorType b) {
    int longest = Math.min(values(a), values(b));
    return new ChunkPlan(
        rows, columns, columns == 0 ? 1 : Math.min(rows, longest / columns), longest);
  }

  private static int values(TensorType type) {
    int longest = MatrixReader.CHUNK;
    while (type.bytes(longest) > BYTES_PER_SIDE) {
      longest /= 2;
    }
    return longest;
  }

  /** Number of chunks of a row that is longer than a chunk. */
  long piecesPerRow() {
    return Math.ceilDiv(columns, (long) longest);
  }

  long chunks() {
    if (rows == 0 || columns == 0) {
      return 0;
    }
    return rowsPerChunk > 0 ? Math.ceilDiv(rows, rowsPerChunk) : rows * piecesPerRow();
  }

  /** First element of chunk {@code chunk}, counted row by row. */
  long first(long chunk) {
    if (rowsPerChunk > 0) {
      return chunk * rowsPerChunk * columns;
    }
    return chunk / piecesPerRow() * columns + chunk % piecesPerRow() * longest;
  }

  /** Number of elements of chunk {@code chunk}. */
  int count(long chunk) {
    if (rowsPerChunk > 0) {
      return (int) (Math.min(rowsPerChunk, rows - chunk * rowsPerChunk) * columns);
    }
    return (int) Math.min(longest, columns - chunk % piecesPerRow() * longest);
  }
}
