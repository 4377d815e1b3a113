package dev.witnessmark.causal.trace;

import dev.witnessmark.causal.diff.Edge;
import java.util.List;

/**
 * A backward trace through rows of a tuned model.
 *
 * @param tensor the tensor of the row that was traced
 * @param row the row
 * @param candidates number of shifted rows that may be causes
 * @param revisit whether a row may come again
 * @param steps from the row backwards
 */
public record RowTrace(
    String tensor, long row, int candidates, boolean revisit, List<TracedRow> steps) {

  /**
   * One row on the way.
   *
   * @param edge the shifted row
   * @param step distance and truth
   */
  public record TracedRow(Edge edge, BackwardTrace.Step step) {}

  public RowTrace {
    steps = List.copyOf(steps);
  }
}
