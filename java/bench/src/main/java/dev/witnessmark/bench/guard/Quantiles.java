package dev.witnessmark.bench.guard;

import java.util.Arrays;

/** Medians and other quantiles of samples. */
public final class Quantiles {

  private Quantiles() {}

  /** The median of {@code values}, which stay as they are. */
  public static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return ofSorted(sorted, 0.5);
  }

  /**
   * The quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan,
   * 1996): with {@code h = share·(n−1)}, {@code x[⌊h⌋] + (h−⌊h⌋)·(x[⌊h⌋+1] − x[⌊h⌋])}.
   *
   * @param sorted ascending, at least one
   * @param share from 0 to 1
   */
  public static double ofSorted(double[] sorted, double share) {
    double position = share * (sorted.length - 1);
    int below = (int) position;
    if (below == sorted.length - 1) {
      return sorted[below];
    }
    return sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
  }
}
