package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.stream.PairTask.Step;
import dev.witnessmark.kernels.difference.ComparedSegment;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.RowSegments;
import dev.witnessmark.kernels.operation.WorkQueue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One place of a worker's ring: chunks are read into it, sent to the device together, reduced
 * there, and their sums come back. Not thread-safe.
 *
 * @param <M> a piece of the device's memory
 */
final class Slot<M> implements AutoCloseable {

  private static final long ALIGNMENT = 256;
  private static final long HISTOGRAM_BYTES = (long) Compare.BINS * Long.BYTES;

  /** What a group may take of the results besides its segments. */
  private static final long GROUP_BYTES = HISTOGRAM_BYTES + 2 * ALIGNMENT;

  private final SlotSize size;
  private final WorkQueue<M> queue;
  private final SlotSide<M> a;
  private final SlotSide<M> b;
  private final MemorySegment hostResults;
  private final M deviceResults;
  private final List<ChunkGroup> groups = new ArrayList<>();
  private final List<Reduced> reduced = new ArrayList<>();
  private long elements;
  private long resultBytes;

  /** Takes {@code queue} over. */
  Slot(WorkQueue<M> queue, SlotSize size) {
    this.size = size;
    this.queue = queue;
    this.a = new SlotSide<>(queue, size);
    this.b = new SlotSide<>(queue, size);
    this.hostResults = queue.hostMemory(size.resultBytes());
    this.deviceResults = queue.deviceMemory(size.resultBytes());
  }

  static long aligned(long at) {
    return Math.ceilDiv(at, ALIGNMENT) * ALIGNMENT;
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  /** Whether there is room for chunk {@code chunk} of {@code task}. */
  boolean fits(PairTask task, long chunk) {
    int count = task.plan.count(chunk);
    TensorPair pair = task.pair;
    return a.fits(SlotSide.type(pair.a()).bytes(count))
        && b.fits(SlotSide.type(pair.b()).bytes(count))
        && elements + count + ALIGNMENT <= size.elements()
        && resultBytes + segmentBytes(task.plan.segments(chunk)) + GROUP_BYTES
            <= size.resultBytes();
  }

  private static long segmentBytes(RowSegments segments) {
    return segments.count() * ComparedSegment.BYTES;
  }

  /**
   * Reads the chunk of {@code step} and keeps it, unless its bytes are equal.
   *
   * @return true if it is kept; otherwise it is finished
   */
  boolean take(PairShare share, Step step) throws IOException {
    PairTask task = share.task();
    Matrix left = task.pair.a();
    Matrix right = task.pair.b();
    PairReader reader = share.reader();
    long first = task.plan.first(step.chunk());
    int count = task.plan.count(step.chunk());
    boolean continued = !groups.isEmpty() && groups.getLast().isContinuedBy(share, step);
    long aAt = a.next(continued);
    long bAt = b.next(continued);
    a.load(left, reader.a(), first, count, aAt);
    b.load(right, reader.b(), first, count, bAt);
    if (share.finishIfEqual(step, count)) {
      return false;
    }
    a.keep(left, reader.a(), count, aAt);
    b.keep(right, reader.b(), count, bAt);
    RowSegments cut = task.plan.segments(step.chunk());
    if (!continued) {
      groups.add(new ChunkGroup(share, cut.columns(), aAt, bAt));
      elements += ALIGNMENT;
      resultBytes += GROUP_BYTES;
    }
    groups.getLast().add(step);
    elements += count;
    resultBytes += segmentBytes(cut);
    return true;
  }

  /** Asks the device for the sums of all chunks. */
  void submit() {
    a.upload();
    b.upload();
    long valuesAt = 0;
    long resultsAt = 0;
    for (ChunkGroup group : groups) {
      TensorPair pair = group.share().task().pair;
      Compare compare = new Compare(group.rows(), group.columns());
      long histogramAt = resultsAt;
      long segmentsAt = aligned(histogramAt + HISTOGRAM_BYTES);
      long bytes = segmentBytes(compare.segments());
      queue.run(
          compare,
          List.of(
              a.values(SlotSide.type(pair.a()), group.aAt(), group.elements(), valuesAt),
              b.values(SlotSide.type(pair.b()), group.bAt(), group.elements(), valuesAt),
              queue.slice(deviceResults, segmentsAt, bytes),
              queue.slice(deviceResults, histogramAt, HISTOGRAM_BYTES)));
      reduced.add(
          new Reduced(
              group,
              a.host(group.aAt()),
              b.host(group.bAt()),
              hostResults.asSlice(histogramAt, HISTOGRAM_BYTES),
              hostResults.asSlice(segmentsAt, bytes)));
      resultsAt = aligned(segmentsAt + bytes);
      valuesAt = aligned(valuesAt + group.elements());
    }
    queue.download(queue.slice(deviceResults, 0, resultsAt), hostResults.asSlice(0, resultsAt));
  }

  /**
   * What the device says of one group, with what it was given.
   *
   * @param a chunks of side a on the host, one behind the other
   * @param b chunks of side b
   * @param histogram of all chunks
   * @param segments records of {@link ComparedSegment}
   */
  record Reduced(
      ChunkGroup group,
      MemorySegment a,
      MemorySegment b,
      MemorySegment histogram,
      MemorySegment segments) {}

  /** Waits for the device; the results are valid until {@link #clear}. */
  List<Reduced> await() {
    queue.await();
    return reduced;
  }

  /** Ready for other chunks. */
  void clear() {
    a.clear();
    b.clear();
    groups.clear();
    reduced.clear();
    elements = 0;
    resultBytes = 0;
  }

  @Override
  public void close() {
    queue.close();
  }
}
