package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.RowSegments;

/**
 * How a pair is cut into chunks: as many whole rows as fit, or equal pieces of one row where a row
 * is longer than a chunk.
 *
 * @param rows rows of the matrices
 * @param columns values of one row
 * @param rowsPerChunk whole rows of one chunk, 0 where a chunk is a piece of a row
 * @param longest most values of one chunk, a multiple of every block length
 * @param rowWise whether rows are looked at one by one
 */
record ChunkPlan(long rows, long columns, long rowsPerChunk, int longest, boolean rowWise) {

  /** Stored bytes of both sides of a chunk stay in a second-level cache between read and use. */
  static final int BYTES_PER_SIDE = 1 << 18;

  /** Rows shorter than this say little by themselves and cost a call each. */
  private static final long SHORTEST_ROW = 16;

  /** The plan for the matrices of {@code pair}. */
  static ChunkPlan of(TensorPair pair) {
    long rows = pair.a().rows();
    long columns = pair.a().columns();
    int longest = Math.min(values(pair.a().type()), values(pair.b().type()));
    return new ChunkPlan(
        rows,
        columns,
        columns == 0 ? 1 : Math.min(rows, longest / columns),
        longest,
        rowWise(pair));
  }

  /** Whether the rows of {@code pair} are looked at one by one. */
  static boolean rowWise(TensorPair pair) {
    return pair.rank() >= 2 && pair.a().columns() >= SHORTEST_ROW;
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

  /** The segments that chunk {@code chunk} is reduced in: those of its rows, or of all of it. */
  RowSegments segments(long chunk) {
    int count = count(chunk);
    return rowWise && rowsPerChunk > 0
        ? new RowSegments(count / columns, columns)
        : new RowSegments(1, count);
  }
}
