package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.stream.PairTask.Step;
import dev.witnessmark.kernels.operation.RowSegments;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive chunks of one pair that a device reduces together: their rows, cut into segments, are
 * those of one matrix. Not thread-safe.
 */
final class ChunkGroup {

  private final PairShare share;
  private final long columns;
  private final long aAt;
  private final long bAt;
  private final List<Step> steps = new ArrayList<>();
  private long rows;

  /**
   * A group without chunks.
   *
   * @param columns elements of the rows that segments are cut from
   * @param aAt byte of the slot's memory at which side a begins
   * @param bAt byte at which side b begins
   */
  ChunkGroup(PairShare share, long columns, long aAt, long bAt) {
    this.share = share;
    this.columns = columns;
    this.aAt = aAt;
    this.bAt = bAt;
  }

  /**
   * Whether {@code step} of {@code other} could be added right behind the last chunk. Where bounds
   * are computed on the host, they follow the values of each chunk.
   */
  boolean isContinuedBy(PairShare other, Step step) {
    TensorPair pair = share.task().pair;
    return share == other
        && (!pair.hasFloor() || (pair.a().isStored() && pair.b().isStored()))
        && steps.getLast().chunk() + 1 == step.chunk()
        && segments(step).columns() == columns;
  }

  void add(Step step) {
    steps.add(step);
    rows += segments(step).rows();
  }

  /** How the rows of {@code step}, one of this group's, are cut. */
  RowSegments segments(Step step) {
    return share.task().plan.segments(step.chunk());
  }

  PairShare share() {
    return share;
  }

  List<Step> steps() {
    return steps;
  }

  long rows() {
    return rows;
  }

  long columns() {
    return columns;
  }

  long elements() {
    return rows * columns;
  }

  long aAt() {
    return aAt;
  }

  long bAt() {
    return bAt;
  }
}
