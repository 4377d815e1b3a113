package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import java.io.IOException;

/**
 * A matrix with the rows of every head reordered. LLaMA in GGUF stores rotary pairs next to each
 * other, Hugging Face half a head apart: of a head of d rows, row {@code j·d/2 + i} of the one is
 * row {@code 2i + j} of the other (j = 0, 1).
 *
 * @param stored the matrix as stored
 * @param heads number of heads; divides the rows into an even number each
 * @param from the order the rows are stored in
 */
public record RowPermutation(Matrix stored, int heads, Order from) implements Matrix {

  /** Where the two rows of a rotary pair are. */
  public enum Order {
    /** Next to each other; read as half a head apart. */
    INTERLEAVED,
    /** Half a head apart; read as next to each other. */
    HALVES
  }

  public RowPermutation {
    if (heads <= 0 || stored.rows() % (2L * heads) != 0) {
      throw new IllegalArgumentException(stored.rows() + " rows in " + heads + " heads");
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

  /** The stored row that is read as {@code row}. */
  public long storedRow(long row) {
    long perHead = rows() / heads;
    long half = perHead / 2;
    long head = row / perHead;
    long within = row % perHead;
    long place =
        from == Order.INTERLEAVED
            ? 2 * (within % half) + within / half
            : (within % 2) * half + within / 2;
    return head * perHead + place;
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
    return new GatheredReader(stored, staging) {
      @Override
      public void load(long first, int count) throws IOException {
        int done = 0;
        while (done < count) {
          long row = (first + done) / columns();
          long column = (first + done) % columns();
          int run = (int) Math.min(columns() - column, count - done);
          gather(storedRow(row) * columns() + column, run, 0, run, done, 1);
          done += run;
        }
      }
    };
  }
}
