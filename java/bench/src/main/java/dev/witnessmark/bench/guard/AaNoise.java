package dev.witnessmark.bench.guard;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What equal code differs by in one cell: the scale that a loss has to rise above.
 *
 * <p>The units of one side are dealt into two halves again and again; the quantile of |ratio of the
 * halves' medians − 1| is the A/A noise. A half has fewer units than a side, so this is rather too
 * much than too little.
 */
final class AaNoise {

  private static final int DEALS = 500;

  private AaNoise() {}

  /** The {@code share} quantile of what two halves of {@code sample} differ by; 0 for one unit. */
  static double ofHalves(Sample sample, double share, long seed) {
    double[] units = sample.units().clone();
    int half = units.length / 2;
    if (half == 0) {
      return 0;
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] differences = new double[DEALS];
    double[] one = new double[half];
    double[] other = new double[half];
    for (int deal = 0; deal < DEALS; deal++) {
      for (int i = 0; i < 2 * half; i++) {
        int chosen = i + random.nextInt(units.length - i);
        double unit = units[chosen];
        units[chosen] = units[i];
        units[i] = unit;
      }
      System.arraycopy(units, 0, one, 0, half);
      System.arraycopy(units, half, other, 0, half);
      Arrays.sort(one);
      Arrays.sort(other);
      differences[deal] =
          Math.abs(Quantiles.ofSorted(one, 0.5) / Quantiles.ofSorted(other, 0.5) - 1);
    }
    Arrays.sort(differences);
    return Quantiles.ofSorted(differences, share);
  }

  /** The {@code share} quantile of |ratio − 1| of measured A/A ratios; 0 if there are none. */
  static double ofRatios(double[] ratios, double share) {
    if (ratios.length == 0) {
      return 0;
    }
    return Quantiles.ofSorted(
        Arrays.stream(ratios).map(ratio -> Math.abs(ratio - 1)).sorted().toArray(), share);
  }

  /**
   * How far the last third of the time lies from the first. Under a steady drift that is two thirds
   * of its way, more than the half of it by which the median moves.
   */
  static double drift(Sample sample) {
    return Math.abs(
        Quantiles.median(sample.lastThird()) / Quantiles.median(sample.firstThird()) - 1);
  }
}
