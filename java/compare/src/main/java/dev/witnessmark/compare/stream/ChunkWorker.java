package dev.witnessmark.compare.stream;

import java.io.IOException;

/** How one worker reduces chunks. Belongs to one thread. */
interface ChunkWorker extends AutoCloseable {

  /** Told of every step that is finished, by the worker's own thread. */
  @FunctionalInterface
  interface Finished {
    void step(PairShare share, PairTask.Step step) throws IOException;
  }

  /**
   * Does {@code step}, or begins it and finishes it later.
   *
   * @throws IOException if {@link Finished} throws; a chunk that cannot be read fails its pair
   */
  void process(PairShare share, PairTask.Step step) throws IOException;

  /** Finishes what was begun. */
  void finish() throws IOException;

  @Override
  void close();
}
