package dev.witnessmark.bench.guard;

import org.apache.commons.statistics.inference.MannWhitneyUTest;

/** The rank test of Mann and Whitney (1947): do the units of one side tend to be larger? */
final class MannWhitney {

  private MannWhitney() {}

  /**
   * The two-sided p-value: exact for small samples without ties, otherwise by the normal
   * approximation with correction for ties and continuity. 1 if all units are equal.
   */
  static double pValue(Sample a, Sample b) {
    double p = MannWhitneyUTest.withDefaults().test(a.units(), b.units()).getPValue();
    // With nothing but ties the variance is zero and the library's quotient is not a number.
    return Double.isNaN(p) ? 1 : p;
  }

  /**
   * The smallest p-value that so many units can give: all of one side below all of the other, in
   * one of two ways out of {@code (n+m) choose n}.
   */
  static double smallest(int n, int m) {
    double arrangements = 1;
    for (int i = 1; i <= n; i++) {
      arrangements = arrangements * (m + i) / i;
    }
    return Math.min(1, 2 / arrangements);
  }

  /** The smallest number of units a side with which a p-value of {@code alpha} can be reached. */
  static int unitsNeeded(double alpha) {
    int units = 1;
    while (smallest(units, units) > alpha) {
      units++;
    }
    return units;
  }
}
