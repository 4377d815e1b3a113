package dev.witnessmark.bench.guard;

import org.jspecify.annotations.Nullable;

/**
 * One side of a cell in figures. Throttled samples are counted and otherwise left out.
 *
 * @param median median time of a launch, in nanoseconds
 * @param spread distance of the quartiles of all samples, as a share of the median
 * @param forks forks with samples
 * @param samples samples that count
 * @param throttled samples that were dropped
 * @param megahertz median clock, or null if it was not sampled
 * @param variant the implementation that ran, or null
 * @param shareOfCopy bytes per second as a share of the measured copy, or null
 * @param shareOfMatrix operations per second as a share of the measured matrix rate, or null
 */
public record SideSummary(
    double median,
    double spread,
    int forks,
    int samples,
    int throttled,
    @Nullable Double megahertz,
    @Nullable String variant,
    @Nullable Double shareOfCopy,
    @Nullable Double shareOfMatrix) {}
