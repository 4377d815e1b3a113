package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.TopDifferences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One thread's comparison of two tensors of one type: sums, counts, histogram, the ten largest
 * differences, rows of one segment each; for block formats also what rounding allows. Values are
 * decoded from the tensors themselves, a row at a time.
 */
final class Comparison {

  private static final int ROW = DifferenceKernel.SEGMENT;
  private static final long ROW_BYTES = (long) Float.BYTES * ROW;

  private final TensorType type;
  private final Decoder decoder;
  private final boolean judged;
  private final DifferenceKernel kernel = DifferenceKernel.best();
  private final DifferenceSums sums = new DifferenceSums();
  private final FloorSums floor = new FloorSums();
  private final TopDifferences top = new TopDifferences(10);
  private final MemorySegment decodedA = Arena.ofAuto().allocate(ROW_BYTES, 64);
  private final MemorySegment decodedB = Arena.ofAuto().allocate(ROW_BYTES, 64);
  private final MemorySegment boundsA = Arena.ofAuto().allocate(ROW_BYTES, 64);
  private final MemorySegment boundsB = Arena.ofAuto().allocate(ROW_BYTES, 64);
  private double largestRow;

  Comparison(TensorType type) {
    this.type = type;
    decoder = Decoders.best(type);
    judged = type.quantised() && decoder.hasDerivedBound();
  }

  /** Compares all rows; what comes back depends on every one of them. */
  double compare(MemorySegment a, MemorySegment b) {
    long step = type.bytes(ROW);
    for (long at = 0; at < a.byteSize(); at += step) {
      if (type == TensorType.F32) {
        row(a, at, b, at);
      } else {
        decode(a, at, decodedA, boundsA);
        decode(b, at, decodedB, boundsB);
        row(decodedA, 0, decodedB, 0);
      }
    }
    return sums.deltaSquared() + largestRow + floor.within();
  }

  private void decode(MemorySegment stored, long at, MemorySegment values, MemorySegment bounds) {
    if (judged) {
      decoder.decodeWithBounds(stored, at, values, 0, bounds, 0, ROW);
    } else {
      decoder.decode(stored, at, values, 0, ROW);
    }
  }

  private void row(MemorySegment a, long aAt, MemorySegment b, long bAt) {
    long first = sums.pairs();
    kernel.reduce(a, aAt, b, bAt, ROW, sums);
    if (top.mayTake(sums.segmentLargest())) {
      kernel.offer(a, aAt, b, bAt, ROW, first, top);
    }
    largestRow = Math.max(largestRow, sums.segmentDeltaSquared() / sums.segmentASquared());
    if (judged) {
      kernel.judge(a, aAt, b, bAt, boundsA, 0, boundsB, 0, ROW, first, floor);
    }
  }
}
