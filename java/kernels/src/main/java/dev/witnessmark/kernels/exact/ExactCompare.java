package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.difference.ComparedSegment;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.RowSegments;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The comparator's sums as they would be without rounding, and what else it says by its definition.
 *
 * <p>The canonical sums are in double, so u is 2⁻⁵³: of n pairs in sixteen lanes a term passes
 * through ⌈n/16⌉ fmas and 4 additions, Δ is rounded before, twice where it is squared, and the real
 * sum here once: γ of ⌈n/16⌉ + 7 times Σ|terms|, at most 2.93e−14 for a segment of 4096.
 */
final class ExactCompare {

  private static final double ROUNDING = 0x1p-53;
  private static final int LANES = 16;
  private static final int SUMS = 5;
  private static final int COUNTS = 10;
  private static final int LARGEST_AT = SUMS * Double.BYTES;
  private static final int INDEX_AT = LARGEST_AT + Float.BYTES;
  private static final int COUNTS_AT = INDEX_AT + Integer.BYTES;

  private final CompensatedSum[] sums = new CompensatedSum[SUMS];
  private final double[] magnitudes = new double[SUMS];
  private final long[] histogram = new long[Compare.BINS];
  private final int[] counts = new int[COUNTS];
  private double largest;
  private int index = -1;

  private ExactCompare() {
    Arrays.setAll(sums, i -> new CompensatedSum());
  }

  static List<Reference> of(Compare o, MemorySegment a, MemorySegment b) {
    RowSegments cut = o.segments();
    int segments = Math.toIntExact(cut.count());
    Bounded[] sums = new Bounded[Math.multiplyExact(segments, SUMS)];
    Bounded[] largest = new Bounded[segments];
    Bounded[] index = new Bounded[segments];
    Bounded[] counts = new Bounded[Math.multiplyExact(segments, COUNTS)];
    long[] histogram = new long[Compare.BINS];
    for (int segment = 0; segment < segments; segment++) {
      ExactCompare part = new ExactCompare();
      long first = cut.first(segment);
      int elements = cut.length(segment);
      for (int i = 0; i < elements; i++) {
        part.take(i, Numbers.f32(a, first + i), Numbers.f32(b, first + i));
      }
      double gamma = Bounded.gamma(Math.ceilDiv(elements, LANES) + 7L, ROUNDING);
      for (int k = 0; k < SUMS; k++) {
        sums[segment * SUMS + k] = new Bounded(part.sums[k].value(), gamma * part.magnitudes[k]);
      }
      for (int k = 0; k < COUNTS; k++) {
        counts[segment * COUNTS + k] = Bounded.exactly(part.counts[k]);
      }
      largest[segment] = Bounded.exactly(part.largest);
      index[segment] = Bounded.exactly(part.index);
      Arrays.setAll(histogram, bin -> histogram[bin] + part.histogram[bin]);
    }
    return List.of(
        Reference.of("segments: sums", 2, ExactCompare::sum, sums),
        Reference.of(
            "segments: largest", 2, (s, i) -> Numbers.f32At(s, record(i) + LARGEST_AT), largest),
        Reference.of("segments: index", 2, (s, i) -> Numbers.i32At(s, record(i) + INDEX_AT), index),
        Reference.of("segments: counts", 2, ExactCompare::count, counts),
        Reference.of(
            "histogram",
            3,
            Numbers::i64,
            Compare.BINS,
            bin -> Bounded.exactly((double) histogram[bin]))); // far below 2⁵³
  }

  private static double sum(MemorySegment segments, long i) {
    return Numbers.f64At(segments, record(i / SUMS) + i % SUMS * Double.BYTES);
  }

  private static double count(MemorySegment segments, long i) {
    return Numbers.i32At(segments, record(i / COUNTS) + COUNTS_AT + i % COUNTS * Integer.BYTES);
  }

  private static long record(long segment) {
    return segment * ComparedSegment.BYTES;
  }

  private void take(int i, float x, float y) {
    if (!Float.isFinite(x) || !Float.isFinite(y)) {
      counts[nonFinite(x, y)]++;
      return;
    }
    difference(x, y);
    term(2, (double) x * x);
    term(3, (double) y * y);
    term(4, (double) x * y);
    double rounded = (float) Math.abs((double) x - y);
    histogram[bin(rounded)]++;
    if (rounded > largest) {
      largest = rounded;
      index = i;
    }
    counts[8] += x == y && Float.floatToRawIntBits(x) != Float.floatToRawIntBits(y) ? 1 : 0;
    counts[9]++;
  }

  /** Δ and Δ²; the difference of two floats is not always a double, but always the sum of two. */
  private void difference(double x, double y) {
    double high = x - y;
    double ofY = x - high;
    double low = (x - (high + ofY)) + (ofY - y);
    double square = high * high;
    term(0, high);
    sums[0].add(low);
    term(1, square);
    sums[1].add(Math.fma(high, high, -square));
    sums[1].add(2 * high * low);
  }

  private void term(int sum, double value) {
    sums[sum].add(value);
    magnitudes[sum] += Math.abs(value);
  }

  /** Position of a pair with something that is no number, among the counts of a record. */
  private static int nonFinite(float x, float y) {
    boolean noX = Float.isNaN(x);
    boolean noY = Float.isNaN(y);
    if (noX || noY) {
      boolean same = Float.floatToRawIntBits(x) == Float.floatToRawIntBits(y);
      return noX && noY ? (same ? 0 : 1) : (noX ? 2 : 3);
    }
    boolean both = Float.isInfinite(x) && Float.isInfinite(y);
    return both ? (x == y ? 4 : 5) : (Float.isInfinite(x) ? 6 : 7);
  }

  /** Bin k holds what is above 2^(k−128) up to 2^(k−127), the last one all above; bin 0 holds 0. */
  private static int bin(double magnitude) {
    if (magnitude == 0) {
      return 0;
    }
    int below = Math.getExponent(magnitude);
    int ceiling = magnitude == Math.scalb(1.0, below) ? below : below + 1;
    return Math.clamp(ceiling + 127, 1, Compare.BINS - 1);
  }
}
