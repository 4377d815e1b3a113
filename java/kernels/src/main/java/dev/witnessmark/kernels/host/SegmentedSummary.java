package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.Summary;
import dev.witnessmark.kernels.summary.SummaryKernel;
import dev.witnessmark.kernels.summary.SummarySums;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** {@link SummaryKernel} for each segment, whose sums are folded; and the hash of all bits. */
final class SegmentedSummary {

  private static final int LANES = Summarise.FOLDED;

  private final SummaryKernel kernel;
  private final SummarySums all = new SummarySums();
  private final double[] sums = new double[LANES];
  private final double[] squares = new double[LANES];

  SegmentedSummary(SummaryKernel kernel) {
    this.kernel = kernel;
  }

  void run(Summarise o, MemorySegment values, MemorySegment summary) {
    all.clear();
    Arrays.fill(sums, 0);
    Arrays.fill(squares, 0);
    long positiveInfinities = 0;
    long withLargest = 0;
    double largest = -1;
    for (long segment = 0; segment < o.segments(); segment++) {
      long first = segment * Summarise.SEGMENT;
      int elements = (int) Math.min(Summarise.SEGMENT, o.elements() - first);
      long infinities = all.infinities();
      kernel.summarise(values, Float.BYTES * first, elements, all);
      int lane = (int) (segment % LANES);
      sums[lane] += all.segmentSum();
      squares[lane] += all.segmentSquares();
      if (all.infinities() > infinities) {
        positiveInfinities += positiveInfinities(values, first, elements);
      }
      if (all.absoluteMaximum() > largest) { // false for NaN: none is finite so far
        largest = all.absoluteMaximum();
        withLargest = first;
      }
    }
    boolean none = all.finite() == 0;
    new Summary(
            total(sums),
            total(squares),
            hash(values, o.elements()),
            all.nans(),
            positiveInfinities,
            all.infinities() - positiveInfinities,
            all.zeros(),
            none ? -1 : indexOf((float) largest, values, withLargest),
            none ? 0 : (float) largest,
            none ? 0 : (float) all.minimum(),
            none ? 0 : (float) all.maximum())
        .write(summary);
  }

  /** Adds lanes l and l + s for l &lt; s, s = 128 … 1. */
  private static double total(double[] lanes) {
    for (int s = LANES / 2; s > 0; s /= 2) {
      for (int l = 0; l < s; l++) {
        lanes[l] += lanes[l + s];
      }
    }
    return lanes[0];
  }

  private static long hash(MemorySegment values, long elements) {
    long hash = 0;
    for (long i = 0; i < elements; i++) {
      hash += Summarise.hash(i, Values.i32(values, i));
    }
    return hash;
  }

  private static int positiveInfinities(MemorySegment values, long first, int elements) {
    int count = 0;
    for (int i = 0; i < elements; i++) {
      count += Values.f32(values, first + i) == Float.POSITIVE_INFINITY ? 1 : 0;
    }
    return count;
  }

  /** The first index from {@code from} on of a value of that magnitude; there is one. */
  private static long indexOf(float magnitude, MemorySegment values, long from) {
    long i = from;
    while (Math.abs(Values.f32(values, i)) != magnitude) {
      i++;
    }
    return i;
  }
}
