package dev.witnessmark.kernels.summary;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** {@link SummaryKernel} for values decoded to float64. */
public final class WideSummary {

  private WideSummary() {}

  /** As {@link SummaryKernel#summarise}, on float64 values in native byte order. */
  public static void summarise(MemorySegment values, long at, int elements, SummarySums sums) {
    Objects.checkFromToIndex(0, elements, SummaryKernel.SEGMENT);
    sums.begin();
    for (int i = 0; i < elements; i++) {
      sums.take(i, values.get(JAVA_DOUBLE_UNALIGNED, at + (long) i * Double.BYTES));
    }
    sums.end(elements);
  }
}
