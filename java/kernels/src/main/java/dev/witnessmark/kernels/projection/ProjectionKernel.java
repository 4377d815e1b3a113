package dev.witnessmark.kernels.projection;

import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Adds up the columns of a row of float32 values in native memory and native byte order. The
 * numbers are those of {@link dev.witnessmark.kernels.operation.Base17}, wherever a row is cut into
 * pieces: each of the seventeen sums is one running double, in ascending order of octaves.
 *
 * <p>Implementations hold no state and are safe for use by several threads; a call allocates
 * nothing.
 */
public interface ProjectionKernel {

  /** Element by element. */
  static ProjectionKernel scalar() {
    return ScalarProjection.INSTANCE;
  }

  /** The fastest one that {@link VectorWidth} allows. */
  static ProjectionKernel best() {
    return VectorWidth.available() ? VectorProjection.INSTANCE : scalar();
  }

  /** All that can run in this process, the scalar one first. */
  static List<ProjectionKernel> all() {
    return VectorWidth.available() ? List.of(scalar(), best()) : List.of(scalar());
  }

  /** What runs, for the run record: {@code scalar} or, for example, {@code vector-512}. */
  String implementation();

  /**
   * Adds the next {@code elements} of the row to {@code sums}.
   *
   * @param at byte offset of the first of them in {@code values}; no alignment is needed
   * @throws IndexOutOfBoundsException if they leave the memory
   */
  void add(MemorySegment values, long at, int elements, ProjectionSums sums);
}
