package dev.witnessmark.bench.guard;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Percentile bootstrap (Efron, 1979) of the ratio of two medians. Forks are drawn first and values
 * within each drawn fork second, so that what differs between processes widens the interval as it
 * should; where forks are not the units, only values are drawn.
 */
final class Bootstrap {

  private final int resamples;
  private final double confidence;

  /**
   * @param resamples how often both sides are drawn
   * @param confidence share of the ratios that the interval holds, for example 0.99
   */
  Bootstrap(int resamples, double confidence) {
    this.resamples = resamples;
    this.confidence = confidence;
  }

  /** The interval of median({@code numerator}) / median({@code denominator}). */
  Interval ratioOfMedians(Sample numerator, Sample denominator, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Resampled above = new Resampled(numerator, random);
    Resampled below = new Resampled(denominator, random);
    double[] ratios = new double[resamples];
    for (int i = 0; i < resamples; i++) {
      ratios[i] = above.median() / below.median();
    }
    Arrays.sort(ratios);
    double tail = (1 - confidence) / 2;
    return new Interval(Quantiles.ofSorted(ratios, tail), Quantiles.ofSorted(ratios, 1 - tail));
  }

  /** One side, drawn again and again. */
  private static final class Resampled {
    private final double[][] sorted;
    private final int[] counts;
    private final double[] medians;
    private final SplittableRandom random;
    private final boolean forksAreUnits;

    Resampled(Sample sample, SplittableRandom random) {
      this.random = random;
      forksAreUnits = sample.forksAreUnits();
      sorted = new double[sample.forks().size()][];
      int longest = 0;
      for (int i = 0; i < sorted.length; i++) {
        sorted[i] = sample.forks().get(i).clone();
        Arrays.sort(sorted[i]);
        longest = Math.max(longest, sorted[i].length);
      }
      counts = new int[longest];
      medians = new double[sorted.length];
    }

    double median() {
      if (!forksAreUnits) {
        return ofValues(sorted[0]);
      }
      for (int i = 0; i < medians.length; i++) {
        medians[i] = ofValues(sorted[random.nextInt(sorted.length)]);
      }
      Arrays.sort(medians);
      return Quantiles.ofSorted(medians, 0.5);
    }

    /**
     * The median of as many values as there are, drawn with replacement. Counting how often each
     * place of the sorted values is drawn and walking to the middle needs no sorting.
     */
    private double ofValues(double[] values) {
      int n = values.length;
      Arrays.fill(counts, 0, n, 0);
      for (int i = 0; i < n; i++) {
        counts[random.nextInt(n)]++;
      }
      int lower = (n - 1) / 2;
      int upper = n / 2;
      int place = 0;
      int passed = counts[0];
      while (passed <= lower) {
        passed += counts[++place];
      }
      double low = values[place];
      while (passed <= upper) {
        passed += counts[++place];
      }
      return (low + values[place]) / 2;
    }
  }
}
