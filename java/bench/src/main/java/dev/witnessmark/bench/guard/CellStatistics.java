package dev.witnessmark.bench.guard;

import org.jspecify.annotations.Nullable;

/**
 * Everything a cell is judged by.
 *
 * @param before the old side
 * @param after the new side
 * @param time change of time
 * @param cycles change of time × clock, or null where a clock was not sampled
 * @param firstHalf ratio of medians in the first half of forks or samples
 * @param secondHalf ratio of medians in the second half
 * @param noise what equal code differs by in this cell, as a share
 * @param threshold the change that counts: the noise, and never less than the smallest effect
 * @param pValue of the rank test
 * @param adjustedP the same, corrected for the number of cells
 * @param again change in the second measurement, or null if there was none
 */
public record CellStatistics(
    SideSummary before,
    SideSummary after,
    Change time,
    @Nullable Change cycles,
    double firstHalf,
    double secondHalf,
    double noise,
    double threshold,
    double pValue,
    double adjustedP,
    @Nullable Change again) {

  CellStatistics adjusted(double p) {
    return new CellStatistics(
        before, after, time, cycles, firstHalf, secondHalf, noise, threshold, pValue, p, again);
  }

  CellStatistics measuredAgain(@Nullable Change change) {
    return new CellStatistics(
        before,
        after,
        time,
        cycles,
        firstHalf,
        secondHalf,
        noise,
        threshold,
        pValue,
        adjustedP,
        change);
  }
}
