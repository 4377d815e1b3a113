package dev.witnessmark.kernels.summary;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The definition of {@link SummaryKernel}, value by value. */
final class ScalarSummary implements SummaryKernel {

  static final ScalarSummary INSTANCE = new ScalarSummary();

  private ScalarSummary() {}

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  public void summarise(MemorySegment values, long at, int elements, SummarySums sums) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    sums.begin();
    take(values, at, 0, elements, sums);
    sums.end(elements);
  }

  /** Takes the values {@code from} to {@code to} of a segment. */
  static void take(MemorySegment values, long at, int from, int to, SummarySums sums) {
    for (int i = from; i < to; i++) {
      sums.take(i, values.get(JAVA_FLOAT_UNALIGNED, at + (long) i * Float.BYTES));
    }
  }
}
