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
        long last = first + count - 1;
        // Values of one stored row that fall into the range are neighbours: one read each.
        boolean withinRow = first / columns() == last / columns();
        long firstColumn = withinRow ? first % columns() : 0;
        long lastColumn = withinRow ? last % columns() : columns() - 1;
        for (long column = firstColumn; column <= lastColumn; column++) {
          long firstRow = first / columns() + (column < first % columns() ? 1 : 0);
          long lastRow = last / columns() - (column > last % columns() ? 1 : 0);
          int wanted = (int) (lastRow - firstRow + 1);
          int skip = (int) (firstRow % block);
          gather(
              column * rows() + firstRow - skip,
              Math.ceilDiv(skip + wanted, block) * block,
              skip,
              wanted,
              (int) (firstRow * columns() + column - first),
              (int) columns());
        }
      }
    };
  }
}
