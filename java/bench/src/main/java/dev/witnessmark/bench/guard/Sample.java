package dev.witnessmark.bench.guard;

import java.util.Arrays;
import java.util.List;

/**
 * The values of one side of a cell, by fork.
 *
 * @param forks at least one, none empty, values in the order in which they were taken
 * @param forksAreUnits whether the fork is the sampling unit, which speaks through its median, as
 *     it must where either side has several forks; otherwise the values of the only fork are the
 *     units
 */
record Sample(List<double[]> forks, boolean forksAreUnits) {

  /**
   * Checks that the units are there.
   *
   * @throws IllegalArgumentException if there are several forks that are not units
   */
  Sample {
    forks = List.copyOf(forks);
    if (!forksAreUnits && forks.size() != 1) {
      throw new IllegalArgumentException(forks.size() + " forks, which are not units");
    }
  }

  /** The independent observations: medians of the forks, or the values of the only fork. */
  double[] units() {
    return forksAreUnits
        ? forks.stream().mapToDouble(Quantiles::median).toArray()
        : forks.getFirst();
  }

  /** The median of the units. */
  double median() {
    return Quantiles.median(units());
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
