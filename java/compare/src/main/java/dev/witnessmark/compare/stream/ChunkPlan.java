package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.matrix.MatrixReader;

/**
 * How a matrix is cut into chunks: as many whole rows as fit, or equal pieces of one row where a
 * row is longer than a chunk.
 *
 * @param rows rows of the matrix
 * @param columns values of one row
 * @param rowsPerChunk whole rows of one chunk, 0 where a chunk is a piece of a row
 */
record ChunkPlan(long rows, long columns, long rowsPerChunk) {

  static ChunkPlan of(long rows, long columns) {
    return new ChunkPlan(
        rows, columns, columns == 0 ? 1 : Math.min(rows, MatrixReader.CHUNK / columns));
  }

  /** Number of chunks of a row that is longer than a chunk. */
  long piecesPerRow() {
    return Math.ceilDiv(columns, (long) MatrixReader.CHUNK);
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
    return chunk / piecesPerRow() * columns + chunk % piecesPerRow() * MatrixReader.CHUNK;
  }

  /** Number of elements of chunk {@code chunk}. */
  int count(long chunk) {
    if (rowsPerChunk > 0) {
      return (int) (Math.min(rowsPerChunk, rows - chunk * rowsPerChunk) * columns);
    }
    return (int)
        Math.min(MatrixReader.CHUNK, columns - chunk % piecesPerRow() * MatrixReader.CHUNK);
  }
}
