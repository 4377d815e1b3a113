package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.stream.PairTask.Step;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.difference.ComparedSegment;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.JudgedSegment;
import dev.witnessmark.kernels.operation.RowSegments;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Makes the sums of chunks from what a device says of their segments: the numbers are the device's,
 * the order in which they are added is that of every reduction.
 *
 * <p>The host looks again at segments that may hold one of the largest differences. And at those
 * with pairs of two NaN that went through arithmetic on the device: which bits a NaN has then is
 * each processor's own matter, and whether two are the same is for the host to say.
 */
final class GroupSums {

  private final DifferenceKernel kernel;
  private final ChunkWorker.Finished finished;
  private final SentSegments ofA;
  private final SentSegments ofB;

  GroupSums(DifferenceKernel kernel, Staging staging, ChunkWorker.Finished finished) {
    this.kernel = kernel;
    this.finished = finished;
    this.ofA = new SentSegments(staging);
    this.ofB = new SentSegments(staging);
  }

  /** Finishes every chunk of the group. */
  void finish(Slot.Reduced reduced) throws IOException {
    ChunkGroup group = reduced.group();
    PairTask task = group.share().task();
    long elements = 0;
    long segments = 0;
    for (Step step : group.steps()) {
      ChunkSums sums = new ChunkSums(task.top());
      if (segments == 0) {
        // Counts may be added in any order, so the first chunk takes those of the whole group.
        sums.sums.addHistogram(reduced.histogram());
      }
      add(reduced, step, elements, segments, sums);
      RowSegments cut = group.segments(step);
      elements += cut.elements();
      segments += cut.count();
      task.finishCompared(step, sums);
      finished.step(group.share(), step);
    }
  }

  /**
   * Adds up the segments of one chunk.
   *
   * @param elementsBefore elements of the group before the chunk
   * @param segmentsBefore segments of the group before it
   */
  private void add(
      Slot.Reduced reduced, Step step, long elementsBefore, long segmentsBefore, ChunkSums result) {
    ChunkGroup group = reduced.group();
    ChunkPlan plan = group.share().task().plan;
    RowSegments cut = group.segments(step);
    long first = plan.first(step.chunk());
    RowTally row = new RowTally(first / plan.columns(), result);
    for (long segment = 0; segment < cut.count(); segment++) {
      long number = segmentsBefore + segment;
      long element = cut.first(segment);
      boolean differs =
          add(
              reduced,
              number,
              elementsBefore + element,
              cut.length(segment),
              first + element,
              result);
      if (plan.rowWise()) {
        row.add(
            (first + element) / plan.columns(),
            result.sums.segmentDeltaSquared(),
            result.sums.segmentASquared(),
            differs);
      }
    }
    if (plan.rowWise()) {
      row.close(plan.rowsPerChunk() == 0);
    }
  }

  /**
   * Adds segment {@code number} of a group.
   *
   * @param from its first element in the group
   * @param element its first element in the tensor
   * @return whether a pair of it differs
   */
  private boolean add(
      Slot.Reduced reduced, long number, long from, int count, long element, ChunkSums result) {
    PairShare share = reduced.group().share();
    TensorPair pair = share.task().pair;
    ComparedSegment compared =
        ComparedSegment.of(reduced.compared(), number * ComparedSegment.BYTES);
    int same = compared.nanSame();
    int different = compared.nanDifferent();
    boolean again = (same | different) != 0 && !(keepsNaN(pair.a()) && keepsNaN(pair.b()));
    result.sums.add(compared);
    if (again || share.top().mayTake(compared.largest())) {
      MemorySegment a = ofA.values(reduced.a(), pair.a(), reduced.group().aAt(), from, count);
      MemorySegment b = ofB.values(reduced.b(), pair.b(), reduced.group().bAt(), from, count);
      kernel.offer(a, 0, b, 0, count, element, share.top());
      if (again) {
        DifferenceSums counted = new DifferenceSums();
        kernel.reduce(a, 0, b, 0, count, counted);
        same = (int) counted.nonFinite().nanSame();
        different = (int) counted.nonFinite().nanDifferent();
        judge(reduced, a, b, from, count, element, result);
      }
    }
    result.sums.addNaNPairs(same, different);
    if (pair.hasFloor() && !again) {
      result.floor.add(JudgedSegment.of(reduced.judged(), number * JudgedSegment.BYTES), element);
    }
    return compared.differsInNumbers() || different > 0;
  }

  /** Whether the device has the very bits of a NaN that was stored. */
  private static boolean keepsNaN(Matrix matrix) {
    TensorType type = SlotSide.type(matrix);
    return type == TensorType.F32 || type == TensorType.BF16;
  }

  private void judge(
      Slot.Reduced reduced,
      MemorySegment a,
      MemorySegment b,
      long from,
      int count,
      long element,
      ChunkSums result) {
    ChunkGroup group = reduced.group();
    TensorPair pair = group.share().task().pair;
    if (!pair.hasFloor()) {
      return;
    }
    MemorySegment boundsA =
        ofA.bounds(reduced.a(), pair.a(), group.aAt(), from, count, a, group.elements());
    MemorySegment boundsB =
        ofB.bounds(reduced.b(), pair.b(), group.bAt(), from, count, b, group.elements());
    kernel.judge(a, 0, b, 0, boundsA, 0, boundsB, 0, count, element, result.floor);
  }
}
