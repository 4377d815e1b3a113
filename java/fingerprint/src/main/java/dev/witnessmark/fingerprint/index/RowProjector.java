package dev.witnessmark.fingerprint.index;

import java.io.IOException;

/** Computes fingerprints of consecutive rows. For one thread at a time. */
interface RowProjector extends AutoCloseable {

  /**
   * Writes the fingerprints of rows {@code [first, first + count)} to the start of {@code target}.
   *
   * @throws IOException if the file cannot be read or became shorter
   */
  void project(StoredRows rows, long first, int count, short[] target) throws IOException;

  @Override
  void close();
}
