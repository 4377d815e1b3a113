package dev.witnessmark.bench.guard;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The step-down correction of Holm (1979) for looking at many cells at once. */
final class Holm {

  private Holm() {}

  /**
   * Adjusted p-values, in the order of {@code p}: the k-th smallest of m times m−k+1, never less
   * than the one before, at most 1. Rejecting what is at most alpha raises a false alarm anywhere
   * with probability at most alpha, however the tests depend on each other.
   */
  static double[] adjusted(double[] p) {
    List<Integer> ascending =
        IntStream.range(0, p.length).boxed().sorted(Comparator.comparingDouble(i -> p[i])).toList();
    double[] adjusted = new double[p.length];
    double least = 0;
    for (int rank = 0; rank < p.length; rank++) {
      int index = ascending.get(rank);
      least = Math.max(least, Math.min(1, p[index] * (p.length - rank)));
      adjusted[index] = least;
    }
    return adjusted;
  }
}
