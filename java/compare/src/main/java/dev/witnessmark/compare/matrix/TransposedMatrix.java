package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import java.io.IOException;

/**
 * A matrix read by its columns.
 *
 * @param stored the matrix as stored, {@code [columns, rows]} of this one
 */
public record TransposedMatrix(Matrix stored) implements Matrix {

  @Override
  public String name() {
    return stored.name();
  }

  @Override
  public long rows() {
    return stored.columns();
  }

  @Override
  public long columns() {
    return stored.rows();
  }

  @Override
  public TensorType type() {
    return stored.type();
  }

  @Override
  public int granularity() {
    return 1;
  }

  @Override
  public boolean isCoded() {
    return stored.isCoded();
  }

  @Override
  public boolean bounded() {
    return stored.bounded();
  }

  @Override
  public MatrixReader reader(Staging staging) {
    int block = stored.granularity();
    return new GatheredReader(stored, staging) {
      @Override
      public void load(long first, int count) throws IOException {
        long firstRow = first / columns();
        long lastRow = (first + count - 1) / columns();
        // Values of one stored row that fall into the chunk are neighbours: one read each.
        int wanted = (int) (lastRow - firstRow + 1);
        int skip = (int) (firstRow % block);
        int span = Math.ceilDiv(skip + wanted, block) * block;
        long firstColumn = wanted == 1 ? first % columns() : 0;
        long columnCount = wanted == 1 ? count : columns();
        for (long column = firstColumn; column < firstColumn + columnCount; column++) {
          gather(
              column * rows() + firstRow - skip,
              span,
              skip,
              wanted,
              (int) (column - firstColumn),
              (int) columnCount);
        }
      }
    };
  }
}
