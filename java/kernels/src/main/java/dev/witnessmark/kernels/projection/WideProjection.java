package dev.witnessmark.kernels.projection;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** {@link ProjectionKernel} for values decoded to float64. */
public final class WideProjection {

  private WideProjection() {}

  /** As {@link ProjectionKernel#add}, of float64 values in native byte order. */
  public static void add(MemorySegment values, long at, int elements, ProjectionSums sums) {
    for (int i = 0; i < elements; i++) {
      if (sums.octavesToSkip() == 0) {
        sums.sums[sums.column()] += values.get(JAVA_DOUBLE_UNALIGNED, at + (long) i * Double.BYTES);
      }
      sums.advance(1);
    }
  }
}
