package dev.witnessmark.kernels.summary;

import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Statistics of float32 values in native memory and native byte order, in segments of at most
 * {@link #SEGMENT}. NaN and infinities are counted and left out of everything else. Σx and Σx² run
 * in double over the sixteen lanes of {@link dev.witnessmark.kernels.LaneSum}, by addition and by
 * fma; −0 is below +0.
 *
 * <p>Implementations hold no state and are safe for use by several threads; a call allocates
 * nothing.
 */
public interface SummaryKernel {

  /** Most elements of one call. */
  int SEGMENT = 4096;

  /** The oracle. */
  static SummaryKernel scalar() {
    return ScalarSummary.INSTANCE;
  }

  /** The fastest one that {@link VectorWidth} allows. */
  static SummaryKernel best() {
    return VectorWidth.available() ? VectorSummary.INSTANCE : scalar();
  }

  /** All that can run in this process, the scalar one first. */
  static List<SummaryKernel> all() {
    return VectorWidth.available() ? List.of(scalar(), best()) : List.of(scalar());
  }

  /** What runs, for the run record: {@code scalar} or, for example, {@code vector-512}. */
  String implementation();

  /**
   * Adds one segment to {@code sums}.
   *
   * @param at byte offset of the first element in {@code values}; no alignment is needed
   * @param elements 0 to {@link #SEGMENT}
   * @throws IndexOutOfBoundsException if {@code elements} is out of range or leaves the memory
   */
  void summarise(MemorySegment values, long at, int elements, SummarySums sums);
}
