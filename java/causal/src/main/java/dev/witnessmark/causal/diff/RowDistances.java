package dev.witnessmark.causal.diff;

import java.io.IOException;

/** Measures rows. Serves one thread. */
public interface RowDistances extends AutoCloseable {

  /**
   * Distances of rows {@code [first, first + count)} of both sides of a pair, to the start of
   * {@code target}. None is NaN; infinite where rows cannot be compared by a number.
   *
   * @param tensor number of the pair
   */
  void read(int tensor, long first, int count, double[] target) throws IOException;

  /** Distance of two rows of the base's side of a pair. */
  double unrelated(int tensor, long row, long other) throws IOException;

  @Override
  void close();
}
