package dev.witnessmark.bench.command;

/** Told how far a measurement has come. */
public interface RunListener {

  /** {@code runs} runs of commands begin. */
  void begin(String task, int runs);

  /** One of them has ended. */
  void ended();
}
