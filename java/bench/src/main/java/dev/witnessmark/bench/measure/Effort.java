package dev.witnessmark.bench.measure;

/**
 * How long to measure.
 *
 * @param rounds how often every workload has its turn
 * @param samplesPerRound samples of a turn
 * @param sampleNanoseconds a sample repeats its launch until it takes at least this
 * @param warmUpNanoseconds unmeasured launches before the first round are taken in stretches of
 *     this length, until they become no faster
 * @param coldBytes buffers of cold workloads rotate through at least this much memory
 */
public record Effort(
    int rounds,
    int samplesPerRound,
    double sampleNanoseconds,
    double warmUpNanoseconds,
    long coldBytes) {

  /** Enough to see a loss of one percent on a quiet machine, of code that Java compiles. */
  public static Effort thorough(long coldBytes) {
    return new Effort(10, 10, 100_000, 250e6, coldBytes);
  }

  /** As {@link #thorough}, of code that is compiled already. */
  public static Effort thoroughOfCompiled(long coldBytes) {
    return new Effort(10, 10, 100_000, 10e6, coldBytes);
  }

  /** The part of one process among {@code forks} of them. */
  public Effort shared(int forks) {
    return new Effort(
        Math.max(2, rounds / forks),
        samplesPerRound,
        sampleNanoseconds,
        warmUpNanoseconds,
        coldBytes);
  }

  /** Enough to see that everything runs. */
  public static Effort brief(long coldBytes) {
    return new Effort(2, 2, 1_000, 0, coldBytes);
  }

  public Effort {
    if (rounds < 1 || samplesPerRound < 1 || coldBytes < 0) {
      throw new IllegalArgumentException(
          "%d rounds of %d samples, %d cold bytes".formatted(rounds, samplesPerRound, coldBytes));
    }
  }
}
