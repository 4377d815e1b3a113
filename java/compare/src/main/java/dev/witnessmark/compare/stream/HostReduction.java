package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.WideDifference;
import dev.witnessmark.kernels.operation.RowSegments;
import java.io.IOException;
import java.util.List;

/** Chunks are decoded in pieces that stay in the first-level caches, and reduced at once. */
final class HostReduction extends Reduction {

  HostReduction(KernelChoice kernels) {
    super(kernels);
  }

  @Override
  public String implementation() {
    return kernels().difference().implementation();
  }

  @Override
  public String reason(List<TensorPair> pairs) {
    return kernels().reason();
  }

  @Override
  int stepsAtOnce() {
    return 1;
  }

  @Override
  Worker worker(Staging staging, ChunkWorker.Finished finished) {
    return new Worker(kernels().difference(), finished);
  }

  /** Finishes every step before it returns. */
  static final class Worker implements ChunkWorker {

    private final DifferenceKernel kernel;
    private final Finished finished;

    Worker(DifferenceKernel kernel, Finished finished) {
      this.kernel = kernel;
      this.finished = finished;
    }

    @Override
    public void process(PairShare share, PairTask.Step step) throws IOException {
      PairTask task = share.task();
      long first = task.plan.first(step.chunk());
      int count = task.plan.count(step.chunk());
      share.begin();
      try {
        share.reader().load(first, count);
        if (!share.finishIfEqual(step, count)) {
          task.finishCompared(step, reduce(share, step.chunk()));
        }
      } catch (IOException unreadable) {
        task.fail(step, String.valueOf(unreadable.getMessage()));
      }
      finished.step(share, step);
    }

    /** Reduces the loaded chunk {@code chunk}, in pieces of whole segments. */
    private ChunkSums reduce(PairShare share, long chunk) {
      PairTask task = share.task();
      ChunkPlan plan = task.plan;
      long first = plan.first(chunk);
      RowSegments cut = plan.segments(chunk);
      ChunkSums result = new ChunkSums(task.top());
      RowTally row = new RowTally(first / plan.columns(), result);
      long differing = 0;
      long segment = 0;
      while (segment < cut.count()) {
        int from = (int) cut.first(segment);
        long end = endOfPiece(cut, segment);
        int count = (int) (end < cut.count() ? cut.first(end) : cut.elements()) - from;
        PairReader.Piece piece = share.reader().decode(from, count);
        for (; segment < end; segment++) {
          int at = (int) cut.first(segment);
          segment(share, piece, at - from, cut.length(segment), first + at, result);
          if (plan.rowWise()) {
            DifferenceSums sums = result.sums;
            long differingSoFar = sums.pairs() - sums.equal();
            row.add(
                (first + at) / plan.columns(),
                sums.segmentDeltaSquared(),
                sums.segmentASquared(),
                differingSoFar != differing);
            differing = differingSoFar;
          }
        }
      }
      if (plan.rowWise()) {
        row.close(plan.rowsPerChunk() == 0);
      }
      return result;
    }

    /** The segment after the last one that fits into a piece with {@code segment}. */
    private static long endOfPiece(RowSegments cut, long segment) {
      long end = segment;
      int elements = 0;
      while (end < cut.count() && elements + cut.length(end) <= MatrixReader.PIECE) {
        elements += cut.length(end++);
      }
      return end;
    }

    private void segment(
        PairShare share,
        PairReader.Piece piece,
        int at,
        int count,
        long element,
        ChunkSums result) {
      DifferenceSums sums = result.sums;
      boolean wide = share.reader().wide();
      long valuesAt = at * (long) (wide ? Double.BYTES : Float.BYTES);
      if (wide) {
        WideDifference.reduce(piece.a(), valuesAt, piece.b(), valuesAt, count, sums);
      } else {
        kernel.reduce(piece.a(), valuesAt, piece.b(), valuesAt, count, sums);
      }
      if (share.top().mayTake(sums.segmentLargest())) {
        if (wide) {
          WideDifference.offer(
              piece.a(), valuesAt, piece.b(), valuesAt, count, element, share.top());
        } else {
          kernel.offer(piece.a(), valuesAt, piece.b(), valuesAt, count, element, share.top());
        }
      }
      judge(piece, wide, valuesAt, count, element, result.floor);
    }

    private void judge(
        PairReader.Piece piece,
        boolean wide,
        long valuesAt,
        int count,
        long element,
        FloorSums floor) {
      if (piece.boundsA() == null || piece.boundsB() == null) {
        return;
      }
      if (wide) {
        WideDifference.judge(
            piece.a(),
            valuesAt,
            piece.b(),
            valuesAt,
            piece.boundsA(),
            valuesAt,
            piece.boundsB(),
            valuesAt,
            count,
            element,
            floor);
      } else {
        kernel.judge(
            piece.a(),
            valuesAt,
            piece.b(),
            valuesAt,
            piece.boundsA(),
            valuesAt,
            piece.boundsB(),
            valuesAt,
            count,
            element,
            floor);
      }
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }
}
