package dev.witnessmark.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a benchmark with its raw samples. Figures that follow from the samples (median,
 * spread, shares) are not stored: they could contradict them.
 *
 * @param key what was measured
 * @param deviceId the {@link BenchDevice} it ran on
 * @param variant the implementation that ran, for example {@code vector-512}, or null
 * @param bytes bytes that one launch has to move, or null
 * @param operations arithmetic operations of one launch, or null
 * @param launchesPerSample launches that the timer saw as one
 * @param launchOverhead nanoseconds of an empty launch, measured apart, or null
 * @param aaRatios ratios of medians of the same code measured twice, at the time of measuring
 * @param forks the samples, by process
 */
public record Cell(
    CellKey key,
    String deviceId,
    @Nullable String variant,
    @Nullable Long bytes,
    @Nullable Long operations,
    long launchesPerSample,
    @Nullable Double launchOverhead,
    List<Double> aaRatios,
    List<Fork> forks) {

  public Cell {
    aaRatios = List.copyOf(aaRatios);
    forks = List.copyOf(forks);
  }

  /** The same figures as those of a kernel by another name. */
  public Cell ofKernel(String name) {
    CellKey renamed =
        new CellKey(
            name,
            key.type(),
            key.shape(),
            key.batch(),
            key.device(),
            key.threads(),
            key.path(),
            key.arithmetic(),
            key.cache());
    return new Cell(
        renamed,
        deviceId,
        variant,
        bytes,
        operations,
        launchesPerSample,
        launchOverhead,
        aaRatios,
        forks);
  }
}
