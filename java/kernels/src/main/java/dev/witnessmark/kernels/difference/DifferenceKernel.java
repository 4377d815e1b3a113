package dev.witnessmark.kernels.difference;

import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Reductions over two sequences a and b of float32 values in native memory and native byte order,
 * taken in segments of at most {@link #SEGMENT} elements. What is computed, to the bit:
 *
 * <ul>
 *   <li>A pair with a NaN or an infinity enters the counts of {@link NonFinitePairs} and nothing
 *       else. All other pairs are finite.
 *   <li>Δ = (double) a − (double) b, rounded once. d = |a − b| in float32, which grows with |Δ|.
 *   <li>The five sums ΣΔ, ΣΔ², Σa², Σb² and Σab of a segment run in double over sixteen lanes that
 *       start at +0: lane l takes the finite pairs i with i mod 16 = l in ascending order, ΣΔ by
 *       addition and the others by fma. Then lanes l and l + s are added for l &lt; s, s = 8, 4, 2,
 *       1. The result is within 3e-14 of Σ|terms|: at most 263 roundings of 2⁻⁵³.
 *   <li>Every pair is counted in the {@link MagnitudeHistogram} by its d.
 * </ul>
 *
 * <p>Implementations hold no state and are safe for use by several threads; all working memory is
 * in the sums, and nothing is allocated by a call.
 */
public interface DifferenceKernel {

  /** Most elements of one call: two segments and the working memory fit in a first-level cache. */
  int SEGMENT = 4096;

  /** The oracle. */
  static DifferenceKernel scalar() {
    return ScalarDifference.INSTANCE;
  }

  /** The fastest one that {@link VectorWidth} allows. */
  static DifferenceKernel best() {
    return VectorWidth.available() ? VectorDifference.INSTANCE : scalar();
  }

  /** All that can run in this process, the scalar one first. */
  static List<DifferenceKernel> all() {
    return VectorWidth.available() ? List.of(scalar(), best()) : List.of(scalar());
  }

  /** What runs, for the run record: {@code scalar} or, for example, {@code vector-512}. */
  String implementation();

  /**
   * Reduces one segment and adds it to {@code sums}.
   *
   * @param a native memory
   * @param aAt byte offset of the first element in {@code a}; no alignment is needed
   * @param b native memory
   * @param bAt byte offset of the first element in {@code b}
   * @param elements 0 to {@link #SEGMENT}
   * @throws IndexOutOfBoundsException if {@code elements} is out of range or leaves the memory
   */
  void reduce(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int elements, DifferenceSums sums);

  /**
   * Offers the finite, different pairs of one segment to {@code top}. Worth calling where {@link
   * TopDifferences#mayTake} accepts the segment's {@link DifferenceSums#segmentLargest}.
   *
   * @param firstIndex index of the segment's first element in its tensor
   */
  void offer(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int elements,
      long firstIndex,
      TopDifferences top);

  /**
   * Holds the differences of one segment against what rounding allows: e = boundsA + boundsB, one
   * float32 addition per element. A pair differs unless both are numerically equal, NaN with the
   * same bits, or the same infinity. A pair that differs is <em>within</em> its allowance if it is
   * finite and d ≤ e, else <em>beyond</em>. ΣΔ² over the pairs within runs in the lanes and the
   * tree of {@link #reduce}. The ratio of a finite pair that differs is d / e in float32 (an
   * infinite e against an infinite d gives none); it is infinite for any other pair that differs
   * and where e is negative or NaN, which admits nothing.
   *
   * @param firstIndex index of the segment's first element in its tensor
   */
  void judge(
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
      FloorSums sums);
}
