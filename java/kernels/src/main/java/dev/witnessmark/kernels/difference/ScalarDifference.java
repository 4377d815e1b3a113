package dev.witnessmark.kernels.difference;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The definition of {@link DifferenceKernel}, pair by pair. */
final class ScalarDifference implements DifferenceKernel {

  static final ScalarDifference INSTANCE = new ScalarDifference();

  private ScalarDifference() {}

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  public void reduce(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int elements, DifferenceSums sums) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    sums.begin();
    take(a, aAt, b, bAt, 0, elements, sums);
    sums.end(elements);
  }

  /** Takes the pairs {@code from} to {@code to} of a segment. */
  static void take(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int from, int to, DifferenceSums sums) {
    for (int i = from; i < to; i++) {
      float x = element(a, aAt, i);
      float y = element(b, bAt, i);
      if (Float.isFinite(x) && Float.isFinite(y)) {
        sums.take(i, x, y, (double) x - (double) y, Math.abs(x - y));
        if (x == y && !sameBits(x, y)) {
          sums.countSignedZeros(1);
        }
      } else {
        sums.nonFinite().count(x, y, sameBits(x, y));
      }
    }
  }

  @Override
  public void offer(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int elements,
      long firstIndex,
      TopDifferences top) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    offer(a, aAt, b, bAt, 0, elements, firstIndex, top);
  }

  /** Offers the pairs {@code from} to {@code to} of a segment. */
  static void offer(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int from,
      int to,
      long firstIndex,
      TopDifferences top) {
    for (int i = from; i < to; i++) {
      top.offer(firstIndex + i, element(a, aAt, i), element(b, bAt, i));
    }
  }

  @Override
  public void judge(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment boundsA,
      long boundsAAt,
      MemorySegment boundsB,
      long boundsBAt,
      int elements,
      long firstIndex,
      FloorSums sums) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    sums.begin();
    judge(a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, 0, elements, firstIndex, sums);
    sums.end();
  }

  /** Judges the pairs {@code from} to {@code to} of a segment. */
  static void judge(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment boundsA,
      long boundsAAt,
      MemorySegment boundsB,
      long boundsBAt,
      int from,
      int to,
      long firstIndex,
      FloorSums sums) {
    for (int i = from; i < to; i++) {
      float x = element(a, aAt, i);
      float y = element(b, bAt, i);
      if (x == y || sameBits(x, y)) {
        continue;
      }
      float magnitude = Math.abs(x - y);
      float allowed = element(boundsA, boundsAAt, i) + element(boundsB, boundsBAt, i);
      boolean finite = Float.isFinite(x) && Float.isFinite(y);
      sums.take(
          i,
          (double) x - (double) y,
          finite && magnitude <= allowed,
          finite && allowed >= 0 ? magnitude / allowed : Float.POSITIVE_INFINITY,
          firstIndex + i);
    }
  }

  /** Looks for a new largest ratio in the first {@code elements} pairs, all of them finite. */
  static void takeRatios(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment boundsA,
      long boundsAAt,
      MemorySegment boundsB,
      long boundsBAt,
      int elements,
      long firstIndex,
      FloorSums sums) {
    for (int i = 0; i < elements; i++) {
      float magnitude = Math.abs(element(a, aAt, i) - element(b, bAt, i));
      float allowed = element(boundsA, boundsAAt, i) + element(boundsB, boundsBAt, i);
      sums.takeRatio(magnitude / allowed, firstIndex + i);
    }
  }

  static float element(MemorySegment values, long at, int i) {
    return values.get(JAVA_FLOAT_UNALIGNED, at + (long) i * Float.BYTES);
  }

  private static boolean sameBits(float x, float y) {
    return Float.floatToRawIntBits(x) == Float.floatToRawIntBits(y);
  }
}
