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
 * differences, rows of one segment each; for block formats also what rounding allows. Stored values
 * go through staging memory, as they do on their way from a file.
 */
final class Comparison {

  private static final int ROW = DifferenceKernel.SEGMENT;
  private static final long ROW_BYTES = (long) Float.BYTES * ROW;

  /**
   * Rows that are fetched at once: a long run of memory that fits in a second-level cache. Decoding
   * straight from memory in short bursts is slower by a quarter.
   */
  private static final int STAGED_ROWS = 16;

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
  private final MemorySegment stagingA;
  private final MemorySegment stagingB;
  private double largestRow;

  Comparison(TensorType type) {
    this.type = type;
    decoder = Decoders.best(type);
    judged = type.quantised() && decoder.hasDerivedBound();
    long staged = STAGED_ROWS * type.bytes(ROW);
    stagingA = Arena.ofAuto().allocate(staged, 64);
    stagingB = Arena.ofAuto().allocate(staged, 64);
  }

  /** Compares all rows; what comes back depends on every one of them. */
  double compare(MemorySegment a, MemorySegment b) {
    if (type == TensorType.F32) {
      for (long at = 0; at < a.byteSize(); at += ROW_BYTES) {
        row(a, at, b, at);
      }
    } else {
      for (long at = 0; at < a.byteSize(); at += stagingA.byteSize()) {
        long bytes = Math.min(stagingA.byteSize(), a.byteSize() - at);
        MemorySegment.copy(a, at, stagingA, 0, bytes);
        MemorySegment.copy(b, at, stagingB, 0, bytes);
        compareStaged(bytes);
      }
    }
    return sums.deltaSquared() + largestRow + floor.within();
  }

  private void compareStaged(long bytes) {
    long step = type.bytes(ROW);
    for (long at = 0; at < bytes; at += step) {
      if (judged) {
        decoder.decodeWithBounds(stagingA, at, decodedA, 0, boundsA, 0, ROW);
        decoder.decodeWithBounds(stagingB, at, decodedB, 0, boundsB, 0, ROW);
      } else {
        decoder.decode(stagingA, at, decodedA, 0, ROW);
        decoder.decode(stagingB, at, decodedB, 0, ROW);
      }
      row(decodedA, 0, decodedB, 0);
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
