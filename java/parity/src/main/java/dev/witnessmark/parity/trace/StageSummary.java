package dev.witnessmark.parity.trace;

import dev.witnessmark.kernels.operation.Summary;
import dev.witnessmark.model.transformer.StageKey;

/**
 * What a stage was like, over all calls.
 *
 * @param key which stage
 * @param elements number of values
 * @param nonFinite how many are NaN or infinite
 * @param zeros how many are 0
 * @param smallest smallest finite value
 * @param largest largest finite value
 * @param sum of the finite values
 * @param squares sum of their squares
 * @param hash depends on every bit of every value
 */
public record StageSummary(
    StageKey key,
    long elements,
    long nonFinite,
    long zeros,
    float smallest,
    float largest,
    double sum,
    double squares,
    long hash) {

  /** Multiplier of FNV-1a; any odd number with bits everywhere would do. */
  private static final long NEXT = 0x100000001b3L;

  static StageSummary of(StageKey key, long elements, Summary summary) {
    return new StageSummary(
        key,
        elements,
        summary.nans() + summary.positiveInfinities() + summary.negativeInfinities(),
        summary.zeros(),
        summary.smallest(),
        summary.largest(),
        summary.sum(),
        summary.squares(),
        summary.hash());
  }

  /** Both, one after the other. */
  StageSummary then(StageSummary next) {
    return new StageSummary(
        key,
        elements + next.elements,
        nonFinite + next.nonFinite,
        zeros + next.zeros,
        Math.min(smallest, next.smallest),
        Math.max(largest, next.largest),
        sum + next.sum,
        squares + next.squares,
        hash * NEXT + next.hash);
  }

  /** Mean of the finite values. */
  public double mean() {
    return sum / (elements - nonFinite);
  }

  /** Root of the mean square of the finite values. */
  public double rms() {
    return Math.sqrt(squares / (elements - nonFinite));
  }
}
