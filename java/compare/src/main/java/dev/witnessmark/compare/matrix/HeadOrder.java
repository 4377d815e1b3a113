package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.util.List;

/**
 * A matrix with whole heads in another order: equal numbers of consecutive rows are read from other
 * places.
 *
 * @param stored the matrix as stored
 * @param order for every head of this one the head of {@code stored} that it is
 */
public record HeadOrder(Matrix stored, List<Integer> order) implements Matrix {

  public HeadOrder {
    order = List.copyOf(order);
    if (order.isEmpty() || stored.rows() % order.size() != 0) {
      throw new IllegalArgumentException(stored.rows() + " rows in " + order.size() + " heads");
    }
  }

  @Override
  public String name() {
    return stored.name();
  }

  @Override
  public long rows() {
    return stored.rows();
  }

  @Override
  public long columns() {
    return stored.columns();
  }

  @Override
  public TensorType type() {
    return stored.type();
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
    long perHead = rows() / order.size();
    return new GatheredReader(stored, staging) {
      @Override
      public void load(long first, int count) throws IOException {
        int done = 0;
        while (done < count) {
          long row = (first + done) / columns();
          long column = (first + done) % columns();
          int run = (int) Math.min(columns() - column, count - done);
          long storedRow = order.get((int) (row / perHead)) * perHead + row % perHead;
          gather(storedRow * columns() + column, run, 0, run, done, 1);
          done += run;
        }
      }
    };
  }
}
