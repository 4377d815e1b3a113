package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.JudgedSegment;
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.RowSegments;
import java.lang.foreign.MemorySegment;

/** {@link DifferenceKernel#judge} for each segment. */
final class SegmentedJudge {

  private final DifferenceKernel kernel;
  private final FloorSums sums = new FloorSums();

  SegmentedJudge(DifferenceKernel kernel) {
    this.kernel = kernel;
  }

  void run(
      Judge o,
      MemorySegment a,
      MemorySegment b,
      MemorySegment boundsA,
      MemorySegment boundsB,
      MemorySegment segments) {
    long to = 0;
    for (long row = 0; row < o.rows(); row++) {
      for (long column = 0; column < o.columns(); column += RowSegments.LENGTH) {
        long at = Float.BYTES * (row * o.columns() + column);
        int elements = (int) Math.min(RowSegments.LENGTH, o.columns() - column);
        sums.clear();
        kernel.judge(a, at, b, at, boundsA, at, boundsB, at, elements, 0, sums);
        record(segments, to);
        to += JudgedSegment.BYTES;
      }
    }
  }

  private void record(MemorySegment segments, long to) {
    Values.setF64At(segments, to, sums.deltaSquaredWithin());
    Values.setF32At(segments, to + 8, (float) sums.largestRatio());
    Values.setI32At(segments, to + 12, (int) sums.largestRatioIndex());
    Values.setI32At(segments, to + 16, (int) sums.differing());
    Values.setI32At(segments, to + 20, (int) sums.within());
  }
}
