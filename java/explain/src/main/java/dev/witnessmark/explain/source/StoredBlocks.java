package dev.witnessmark.explain.source;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.explain.algebra.DenseMatrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A tensor of a checkpoint.
 *
 * @param matrix the tensor as {@code [out, in]}, rows in their usual order
 * @param kernels what decodes it
 */
public record StoredBlocks(Matrix matrix, KernelChoice kernels) implements Blocks {

  public StoredBlocks {
    if (matrix.rows() > Integer.MAX_VALUE || matrix.columns() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("[%d, %d]".formatted(matrix.rows(), matrix.columns()));
    }
  }

  @Override
  public String name() {
    return matrix.name();
  }

  @Override
  public int rows() {
    return (int) matrix.rows();
  }

  @Override
  public int columns() {
    return (int) matrix.columns();
  }

  /** Bytes that are read of it. */
  public long bytes() {
    return matrix.elements() / matrix.type().blockElements() * matrix.type().blockBytes();
  }

  /**
   * For each value of whole rows the most that rounding to this storage can have moved it; empty if
   * the type does not tell.
   */
  Optional<DenseMatrix> halfWidths(int row, int rows) throws IOException {
    if (!matrix.bounded()) {
      return Optional.empty();
    }
    DenseMatrix widths = DenseMatrix.zeros(rows, columns());
    long count = (long) rows * columns();
    try (Staging staging = new Staging(kernels);
        MatrixReader reader = matrix.reader(staging)) {
      for (long done = 0; done < count; done += MatrixReader.CHUNK) {
        int chunk = (int) Math.min(MatrixReader.CHUNK, count - done);
        reader.load(row * matrix.columns() + done, chunk);
        for (int from = 0; from < chunk; from += MatrixReader.PIECE) {
          int piece = Math.min(MatrixReader.PIECE, chunk - from);
          // Bounds are those of the piece decoded last.
          var _ = reader.wideValues(from, piece);
          MemorySegment wide = reader.wideBounds(from, piece);
          MemorySegment.copy(
              wide, ValueLayout.JAVA_DOUBLE, 0, widths.values(), (int) done + from, piece);
        }
      }
    }
    return Optional.of(widths);
  }

  @Override
  public DenseMatrix block(int row, int rows, int column, int columns) throws IOException {
    DenseMatrix block = DenseMatrix.zeros(rows, columns);
    try (Staging staging = new Staging(kernels);
        MatrixReader reader = matrix.reader(staging)) {
      if (columns == columns()) {
        read(reader, row * matrix.columns(), (long) rows * columns, block.values(), 0);
      } else {
        for (int i = 0; i < rows; i++) {
          long first = (row + i) * matrix.columns() + column;
          read(reader, first, columns, block.values(), i * columns);
        }
      }
    }
    return block;
  }

  /** Reads {@code count} elements from {@code first} to {@code values} from index {@code at}. */
  private static void read(MatrixReader reader, long first, long count, double[] values, int at)
      throws IOException {
    for (long done = 0; done < count; done += MatrixReader.CHUNK) {
      int chunk = (int) Math.min(MatrixReader.CHUNK, count - done);
      reader.load(first + done, chunk);
      for (int from = 0; from < chunk; from += MatrixReader.PIECE) {
        int piece = Math.min(MatrixReader.PIECE, chunk - from);
        MemorySegment wide = reader.wideValues(from, piece);
        MemorySegment.copy(
            wide, ValueLayout.JAVA_DOUBLE, 0, values, (int) (at + done) + from, piece);
      }
    }
  }
}
