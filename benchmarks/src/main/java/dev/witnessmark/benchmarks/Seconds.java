package dev.witnessmark.benchmarks;

/** How long work takes. */
final class Seconds {

  private Seconds() {}

  /** What is measured. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /** Runs {@code work} once. */
  static double of(Work work) throws Exception {
    long began = System.nanoTime();
    work.run();
    return (System.nanoTime() - began) / 1e9;
  }
}
