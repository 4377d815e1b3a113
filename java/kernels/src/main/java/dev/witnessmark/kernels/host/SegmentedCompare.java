package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.difference.ComparedSegment;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.NonFinitePairs;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.RowSegments;
import java.lang.foreign.MemorySegment;

/**
 * The comparator's pass over two operands: {@link DifferenceKernel} for each segment, then the
 * place of the largest difference.
 */
class SegmentedCompare {

  /** Sums over everything seen so far: what a segment or a run adds is the difference. */
  private final DifferenceSums sums = new DifferenceSums();

  private final long[] before = new long[Compare.BINS];
  private final DifferenceKernel kernel;

  SegmentedCompare(DifferenceKernel kernel) {
    this.kernel = kernel;
  }

  final void run(
      Compare o,
      MemorySegment a,
      MemorySegment b,
      MemorySegment segments,
      MemorySegment histogram) {
    for (int bin = 0; bin < Compare.BINS; bin++) {
      before[bin] = sums.histogram().count(bin);
    }
    long to = 0;
    for (long row = 0; row < o.rows(); row++) {
      for (long column = 0; column < o.columns(); column += RowSegments.LENGTH) {
        long at = Float.BYTES * (row * o.columns() + column);
        int elements = (int) Math.min(RowSegments.LENGTH, o.columns() - column);
        segment(a, b, at, elements, segments, to);
        to += ComparedSegment.BYTES;
      }
    }
    for (int bin = 0; bin < Compare.BINS; bin++) {
      Values.setI64(histogram, bin, sums.histogram().count(bin) - before[bin]);
    }
  }

  private void segment(
      MemorySegment a, MemorySegment b, long at, int elements, MemorySegment segments, long to) {
    NonFinitePairs pairs = sums.nonFinite();
    long nanSame = pairs.nanSame();
    long nanDifferent = pairs.nanDifferent();
    long nanOnlyA = pairs.nanOnlyA();
    long nanOnlyB = pairs.nanOnlyB();
    long infinitySame = pairs.infinitySame();
    long infinityOpposite = pairs.infinityOpposite();
    long infinityOnlyA = pairs.infinityOnlyA();
    long infinityOnlyB = pairs.infinityOnlyB();
    long signedZeros = sums.signedZeros();
    long finite = sums.finitePairs();
    kernel.reduce(a, at, b, at, elements, sums);
    float largest = sums.segmentLargest();
    Values.setF64At(segments, to, sums.segmentDelta());
    Values.setF64At(segments, to + 8, sums.segmentDeltaSquared());
    Values.setF64At(segments, to + 16, sums.segmentASquared());
    Values.setF64At(segments, to + 24, sums.segmentBSquared());
    Values.setF64At(segments, to + 32, sums.segmentProduct());
    Values.setF32At(segments, to + 40, largest);
    Values.setI32At(segments, to + 44, largest == 0 ? -1 : indexOf(largest, a, b, at, 0, elements));
    count(segments, to, 0, pairs.nanSame() - nanSame);
    count(segments, to, 1, pairs.nanDifferent() - nanDifferent);
    count(segments, to, 2, pairs.nanOnlyA() - nanOnlyA);
    count(segments, to, 3, pairs.nanOnlyB() - nanOnlyB);
    count(segments, to, 4, pairs.infinitySame() - infinitySame);
    count(segments, to, 5, pairs.infinityOpposite() - infinityOpposite);
    count(segments, to, 6, pairs.infinityOnlyA() - infinityOnlyA);
    count(segments, to, 7, pairs.infinityOnlyB() - infinityOnlyB);
    count(segments, to, 8, sums.signedZeros() - signedZeros);
    count(segments, to, 9, sums.finitePairs() - finite);
  }

  private static void count(MemorySegment segments, long record, int place, long pairs) {
    Values.setI32At(segments, record + 48 + 4L * place, (int) pairs);
  }

  /** The first finite pair that differs by {@code largest}, from {@code from} on; there is one. */
  int indexOf(float largest, MemorySegment a, MemorySegment b, long at, int from, int elements) {
    int i = from;
    while (!differsBy(largest, Values.f32At(a, at + 4L * i), Values.f32At(b, at + 4L * i))) {
      i++;
    }
    return i;
  }

  private static boolean differsBy(float largest, float x, float y) {
    return Math.abs(x - y) == largest && Float.isFinite(x) && Float.isFinite(y);
  }
}
