package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.LaneSum;
import dev.witnessmark.kernels.difference.MagnitudeHistogram;
import dev.witnessmark.kernels.operation.Compare;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The comparator's pass, segment by segment, pair by pair. */
final class ScalarCompare {

  /** Byte offsets of a record's fields. */
  private static final int LARGEST = 5 * Double.BYTES;

  private static final int INDEX = LARGEST + Float.BYTES;
  private static final int COUNTS = INDEX + Integer.BYTES;

  /** Positions among a record's counts. */
  private static final int NAN_SAME = 0;

  private static final int NAN_DIFFERENT = 1;
  private static final int NAN_ONLY_A = 2;
  private static final int NAN_ONLY_B = 3;
  private static final int INFINITY_SAME = 4;
  private static final int INFINITY_OPPOSITE = 5;
  private static final int INFINITY_ONLY_A = 6;
  private static final int INFINITY_ONLY_B = 7;
  private static final int SIGNED_ZEROS = 8;
  private static final int FINITE = 9;

  private final LaneSum[] sums = new LaneSum[5];
  private final int[] counts = new int[10];
  private final long[] histogram = new long[Compare.BINS];
  private float largest;
  private int index;

  private ScalarCompare() {
    Arrays.setAll(sums, i -> new LaneSum());
  }

  static void run(
      Compare o,
      MemorySegment a,
      MemorySegment b,
      MemorySegment segments,
      MemorySegment histogram) {
    ScalarCompare pass = new ScalarCompare();
    for (long segment = 0; segment < o.segments(); segment++) {
      long first = segment * Compare.SEGMENT;
      int elements = (int) Math.min(Compare.SEGMENT, o.elements() - first);
      pass.clear();
      for (int i = 0; i < elements; i++) {
        pass.take(i, Values.f32(a, first + i), Values.f32(b, first + i));
      }
      pass.write(segments, segment * Compare.RECORD_BYTES);
    }
    for (int bin = 0; bin < Compare.BINS; bin++) {
      Values.setI64(histogram, bin, pass.histogram[bin]);
    }
  }

  private void clear() {
    for (LaneSum sum : sums) {
      sum.clear();
    }
    Arrays.fill(counts, 0);
    largest = 0;
    index = -1;
  }

  private void take(int i, float x, float y) {
    if (!Float.isFinite(x) || !Float.isFinite(y)) {
      counts[nonFinite(x, y)]++;
      return;
    }
    double delta = (double) x - (double) y;
    sums[0].add(i, delta);
    sums[1].addProduct(i, delta, delta);
    sums[2].addProduct(i, x, x);
    sums[3].addProduct(i, y, y);
    sums[4].addProduct(i, x, y);
    float magnitude = Math.abs(x - y);
    histogram[MagnitudeHistogram.bin(magnitude)]++;
    if (magnitude > largest) {
      largest = magnitude;
      index = i;
    }
    counts[FINITE]++;
    if (x == y && !sameBits(x, y)) {
      counts[SIGNED_ZEROS]++;
    }
  }

  /** A NaN goes before an infinity: NaN against infinity is a NaN on one side. */
  private static int nonFinite(float x, float y) {
    if (Float.isNaN(x) && Float.isNaN(y)) {
      return sameBits(x, y) ? NAN_SAME : NAN_DIFFERENT;
    }
    if (Float.isNaN(x)) {
      return NAN_ONLY_A;
    }
    if (Float.isNaN(y)) {
      return NAN_ONLY_B;
    }
    if (x == y) {
      return INFINITY_SAME;
    }
    if (x == -y) {
      return INFINITY_OPPOSITE;
    }
    return Float.isInfinite(x) ? INFINITY_ONLY_A : INFINITY_ONLY_B;
  }

  private static boolean sameBits(float x, float y) {
    return Float.floatToRawIntBits(x) == Float.floatToRawIntBits(y);
  }

  private void write(MemorySegment segments, long at) {
    for (int i = 0; i < sums.length; i++) {
      Values.setF64At(segments, at + (long) i * Double.BYTES, sums[i].total());
    }
    Values.setF32At(segments, at + LARGEST, largest);
    Values.setI32At(segments, at + INDEX, index);
    for (int i = 0; i < counts.length; i++) {
      Values.setI32At(segments, at + COUNTS + (long) i * Integer.BYTES, counts[i]);
    }
  }
}
