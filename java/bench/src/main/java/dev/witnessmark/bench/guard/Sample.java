package dev.witnessmark.bench.guard;

import java.util.Arrays;
import java.util.List;

/**
 * The values of one side of a cell, by fork. Where there are several forks, the fork is the
 * sampling unit and speaks through its median; with one fork, its values are the units.
 *
 * @param forks at least one, none empty, values in the order in which they were taken
 */
record Sample(List<double[]> forks) {

  Sample {
    forks = List.copyOf(forks);
  }

  /** The independent observations: medians of the forks, or the values of the only fork. */
  double[] units() {
    return forks.size() == 1
        ? forks.getFirst()
        : forks.stream().mapToDouble(Quantiles::median).toArray();
  }

  /** The median of the units. */
  double median() {
    return Quantiles.median(units());
  }

  /** Number of values in all forks. */
  int size() {
    return forks.stream().mapToInt(fork -> fork.length).sum();
  }

  /** The units taken in the first third of the time. */
  double[] firstThird() {
    double[] units = units();
    return Arrays.copyOf(units, (units.length + 2) / 3);
  }

  /** The units taken in the last third of the time. */
  double[] lastThird() {
    double[] units = units();
    return Arrays.copyOfRange(units, units.length - (units.length + 2) / 3, units.length);
  }

  /** The units taken in the first half of the time. */
  double[] firstHalf() {
    double[] units = units();
    return Arrays.copyOf(units, (units.length + 1) / 2);
  }

  /** The units taken in the second half of the time. */
  double[] secondHalf() {
    double[] units = units();
    return Arrays.copyOfRange(units, units.length / 2, units.length);
  }
}
