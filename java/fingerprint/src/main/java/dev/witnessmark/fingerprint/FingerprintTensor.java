package dev.witnessmark.fingerprint;

import java.io.IOException;

/**
 * The fingerprints of one tensor's rows. They are read in ranges, from an index file or from the
 * weights themselves, so that no tensor is held whole. Safe for use by several threads.
 */
public interface FingerprintTensor {

  /** The tensor's name in its file. */
  String name();

  LayerType layerType();

  /** Number of rows, and of fingerprints. */
  long rows();

  /** Values of one row, before projection. */
  long columns();

  /**
   * Writes the fingerprints of rows {@code [first, first + count)} to the start of {@code target},
   * seventeen numbers for each.
   *
   * @throws IndexOutOfBoundsException if there are no such rows
   * @throws IOException if the file cannot be read or has become shorter
   */
  void read(long first, int count, short[] target) throws IOException;
}
