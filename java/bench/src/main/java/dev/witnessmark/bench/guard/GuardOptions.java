package dev.witnessmark.bench.guard;

/**
 * When a change counts.
 *
 * @param alpha how often equal code may raise an alarm anywhere in a result, for example 0.01; one
 *     minus it is the confidence of intervals and the quantile of A/A noise
 * @param minEffect smallest change that counts, as a share of the time, for example 0.005
 * @param sensitivity the change that would have been seen where a cell is called the same, for
 *     example 0.03
 * @param resamples how often the bootstrap draws
 * @param commonOnly whether only cells of both sides are asked for
 */
public record GuardOptions(
    double alpha, double minEffect, double sensitivity, int resamples, boolean commonOnly) {

  /** What holds unless the user says otherwise. */
  public static final GuardOptions DEFAULT = new GuardOptions(0.01, 0.005, 0.03, 10_000, false);

  /** Rounds of A B B A: ten forks a side, whose ranks can be significant for hundreds of cells. */
  public static final int DEFAULT_ROUNDS = 5;
}
