package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.TopDifferences;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of one pair while workers stream its chunks, in steps: one for every chunk and then, if
 * some chunks differ, another one for every chunk whose bytes are equal, which is decoded after all
 * because the norms cover the whole tensor. Results are merged strictly in the order of steps, so
 * sums do not depend on who made them; results wait while an earlier step is under way, and no step
 * is given out that is far ahead of the merged ones.
 */
final class PairTask {

  /**
   * Most steps between the merged ones and the last one taken: enough for a device to be kept busy
   * by many workers, and about ten MiB of results that wait.
   */
  static final long MOST_AHEAD = 1024;

  final int number;
  final TensorPair pair;
  final ChunkPlan plan;
  private final int top;

  private int attached;
  private boolean completed;

  /** Steps there are; grows when the first pass is over and some of its chunks differ. */
  private long steps;

  private long nextStep;
  private long finishedSteps;
  private long mergedSteps;
  private final Map<Long, Optional<ChunkSums>> waiting = new HashMap<>();

  /** Chunks whose bytes are equal, as runs {first, last}, in order of chunks. */
  private final Deque<long[]> equalRuns = new ArrayDeque<>();

  private long equalChunks;
  private long equalValues;

  /** Sums of the chunks merged so far; null before the first one. */
  private @Nullable DifferenceSums sums;

  private @Nullable FloorSums floor;
  private final TopDifferences topDifferences;
  private final TopRows topRows;
  private long rowsMoved;

  /** Rows longer than a chunk of which not all pieces are merged yet. */
  private final Map<Long, PiecedRow> openRows = new HashMap<>();

  private boolean nonZero;
  private @Nullable String failure;
  private long failedStep;

  /**
   * One thing to do.
   *
   * @param task of which pair
   * @param number the how many-th step of the pair
   * @param chunk what to look at
   * @param again whether the chunk is known to have equal bytes and is now to be decoded
   */
  record Step(PairTask task, long number, long chunk, boolean again) {}

  PairTask(int number, TensorPair pair, int top) {
    this.number = number;
    this.pair = pair;
    this.plan = ChunkPlan.of(pair);
    this.steps = plan.chunks();
    this.top = top;
    this.topDifferences = new TopDifferences(top);
    this.topRows = new TopRows(top);
  }

  int top() {
    return top;
  }

  /** Whether steps are left that are too far ahead of the merged ones to be taken now. */
  synchronized boolean isAhead() {
    return failure == null && nextStep < steps && nextStep - mergedSteps >= MOST_AHEAD;
  }

  /** The next step, or null if all are taken or the pair has failed. */
  synchronized @Nullable Step takeStep() {
    if (nextStep >= steps || failure != null) {
      return null;
    }
    long number = nextStep++;
    return number < plan.chunks()
        ? new Step(this, number, number, false)
        : new Step(this, number, nextEqualChunk(), true);
  }

  private long nextEqualChunk() {
    long[] run = equalRuns.getFirst();
    long chunk = run[0]++;
    if (run[0] > run[1]) {
      equalRuns.removeFirst();
    }
    return chunk;
  }

  synchronized boolean nonZeroSeen() {
    return nonZero;
  }

  /** A worker begins with this pair. */
  synchronized void attach() {
    attached++;
  }

  /**
   * A worker leaves this pair with the largest differences it saw; their order does not matter.
   *
   * @return true if that completes the pair: the caller then owns it
   */
  synchronized boolean detach(TopDifferences seen) {
    topDifferences.merge(seen);
    attached--;
    boolean done = finishedSteps == (failure == null ? steps : nextStep);
    boolean completes = done && attached == 0 && !completed;
    completed |= completes;
    return completes;
  }

  /** The chunk of {@code step} has equal bytes. */
  synchronized void finishEqual(Step step, boolean foundNonZero) {
    nonZero |= foundNonZero;
    finish(step, Optional.empty());
  }

  /** The chunk of {@code step} was compared. */
  synchronized void finishCompared(Step step, ChunkSums result) {
    finish(step, Optional.of(result));
  }

  /**
   * The chunk of {@code step} cannot be read, and so the pair cannot be compared. Of several such
   * steps the first gives the reason, whoever comes first: steps are taken in order, so it is
   * always among those that were tried.
   */
  synchronized void fail(Step step, String reason) {
    if (failure == null || step.number() < failedStep) {
      failure = reason;
      failedStep = step.number();
    }
    finishedSteps++;
  }

  private void finish(Step step, Optional<ChunkSums> result) {
    finishedSteps++;
    waiting.put(step.number(), result);
    for (Optional<ChunkSums> ready; (ready = waiting.remove(mergedSteps)) != null; mergedSteps++) {
      if (ready.isPresent()) {
        merge(ready.get());
      } else {
        addEqual(mergedSteps);
      }
    }
  }

  private void addEqual(long chunk) {
    equalChunks++;
    equalValues += plan.count(chunk);
    long[] last = equalRuns.peekLast();
    if (last != null && last[1] + 1 == chunk) {
      last[1] = chunk;
    } else {
      equalRuns.addLast(new long[] {chunk, chunk});
    }
  }

  /**
   * Adds a step for every chunk of equal bytes, if all chunks have been looked at and others
   * differ.
   *
   * @return the number of values to look at again: 0 but for one call
   */
  synchronized long beginSecondPass() {
    if (failure != null || mergedSteps != plan.chunks() || steps != plan.chunks() || sums == null) {
      return 0;
    }
    steps += equalChunks;
    return equalValues;
  }

  private void merge(ChunkSums result) {
    if (sums == null || floor == null) {
      sums = result.sums;
      floor = result.floor;
    } else {
      sums.merge(result.sums);
      floor.merge(result.floor);
    }
    rowsMoved += result.rowsMoved;
    topRows.merge(result.topRows);
    if (result.pieceRow >= 0) {
      PiecedRow row = openRows.computeIfAbsent(result.pieceRow, number -> new PiecedRow());
      row.add(result);
      if (row.pieces == plan.piecesPerRow()) {
        openRows.remove(result.pieceRow);
        if (row.moved) {
          rowsMoved++;
          topRows.offer(result.pieceRow, RowNorms.relative(row.deltaSquared, row.aSquared));
        }
      }
    }
  }

  /** What is known of a row longer than a chunk. Its equal pieces may come after all others. */
  private static final class PiecedRow {

    private long pieces;
    private double deltaSquared;
    private double aSquared;
    private boolean moved;

    void add(ChunkSums piece) {
      pieces++;
      deltaSquared += piece.pieceDeltaSquared;
      aSquared += piece.pieceASquared;
      moved |= piece.pieceMoved;
    }
  }

  /** The result, once every chunk is finished. */
  synchronized PairResult result() {
    if (failure != null) {
      return new PairResult.Failed(failure);
    }
    if (sums == null && equalChunks > 0) {
      return new PairResult.SameBytes(nonZero);
    }
    return new PairResult.Compared(
        sums == null ? new DifferenceSums() : sums,
        pair.hasFloor() ? (floor == null ? new FloorSums() : floor) : null,
        topDifferences,
        rowsMoved,
        topRows);
  }
}
