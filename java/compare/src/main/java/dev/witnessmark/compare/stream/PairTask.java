package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.TopDifferences;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of one pair while workers stream its chunks. Chunk results are merged strictly in chunk
 * order, so sums do not depend on who made them; results wait while an earlier chunk is under way.
 */
final class PairTask {

  final int number;
  final TensorPair pair;
  final ChunkPlan plan;
  private final int top;

  private int attached;
  private boolean completed;
  private long nextChunk;
  private long finishedChunks;
  private long mergedChunks;
  private final Map<Long, Optional<ChunkSums>> waiting = new HashMap<>();

  /**
   * Chunks whose bytes are equal, as runs {first, last}: they are decoded only if others differ.
   */
  private final List<long[]> equalRuns = new ArrayList<>();

  private final DifferenceSums sums = new DifferenceSums();
  private final FloorSums floor = new FloorSums();
  private final TopDifferences topDifferences;
  private final TopRows topRows;
  private long rowsMoved;

  /** Rows longer than a chunk of which not all pieces are merged yet. */
  private final Map<Long, PiecedRow> openRows = new HashMap<>();

  private boolean nonZero;
  private @Nullable String failure;
  private long failedChunk;

  PairTask(int number, TensorPair pair, int top) {
    this.number = number;
    this.pair = pair;
    this.plan = ChunkPlan.of(pair.a().rows(), pair.a().columns(), pair.a().type(), pair.b().type());
    this.top = top;
    this.topDifferences = new TopDifferences(top);
    this.topRows = new TopRows(top);
  }

  int top() {
    return top;
  }

  boolean hasRows() {
    return PairWorker.rowWise(pair);
  }

  /** The next chunk to do, or −1 if all are taken or the pair has failed. */
  synchronized long takeChunk() {
    return nextChunk < plan.chunks() && failure == null ? nextChunk++ : -1;
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
    boolean done = failure == null ? finishedChunks == plan.chunks() : finishedChunks == nextChunk;
    boolean completes = done && attached == 0 && !completed;
    completed |= completes;
    return completes;
  }

  /** Chunk {@code chunk} has equal bytes. */
  synchronized void finishEqual(long chunk, boolean foundNonZero) {
    nonZero |= foundNonZero;
    long[] last = equalRuns.isEmpty() ? null : equalRuns.getLast();
    if (last != null && last[1] + 1 == chunk) {
      last[1] = chunk;
    } else {
      equalRuns.add(new long[] {chunk, chunk});
    }
    finish(chunk, Optional.empty());
  }

  /** Chunk {@code chunk} was compared. */
  synchronized void finishCompared(long chunk, ChunkSums result) {
    finish(chunk, Optional.of(result));
  }

  /**
   * Chunk {@code chunk} cannot be read, and so the pair cannot be compared. Of several such chunks
   * the first gives the reason, whoever comes first: chunks are taken in order, so it is always
   * among those that were tried.
   */
  synchronized void fail(long chunk, String reason) {
    if (failure == null || chunk < failedChunk) {
      failure = reason;
      failedChunk = chunk;
    }
    finishedChunks++;
  }

  private void finish(long chunk, Optional<ChunkSums> result) {
    finishedChunks++;
    waiting.put(chunk, result);
    for (Optional<ChunkSums> ready;
        (ready = waiting.remove(mergedChunks)) != null;
        mergedChunks++) {
      ready.ifPresent(this::merge);
    }
  }

  /**
   * Chunks of equal bytes that must still be decoded, because other chunks differ and the norms
   * cover the whole tensor; empty if all bytes are equal or all chunks were compared.
   */
  synchronized List<long[]> equalChunksToDecode() {
    if (failure != null || sums.pairs() == 0) {
      return List.of();
    }
    return equalRuns.stream().sorted(Comparator.comparingLong(run -> run[0])).toList();
  }

  /** Adds a chunk of equal bytes after all others. */
  synchronized void mergeEqual(ChunkSums result) {
    merge(result);
  }

  private void merge(ChunkSums result) {
    sums.merge(result.sums);
    floor.merge(result.floor);
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
    if (sums.pairs() == 0 && !equalRuns.isEmpty()) {
      return new PairResult.SameBytes(nonZero);
    }
    return new PairResult.Compared(
        sums, pair.hasFloor() ? floor : null, topDifferences, rowsMoved, topRows);
  }
}
