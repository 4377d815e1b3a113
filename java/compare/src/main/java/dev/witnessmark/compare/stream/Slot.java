package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.stream.PairTask.Step;
import dev.witnessmark.kernels.difference.ComparedSegment;
import dev.witnessmark.kernels.difference.JudgedSegment;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.Judge;
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
  private static final long GROUP_BYTES = HISTOGRAM_BYTES + 3 * ALIGNMENT;

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
    // One piece each: the driver takes long to find memory, and little longer for much of it.
    MemorySegment host = queue.hostMemory(size.hostBytes());
    M device = queue.deviceMemory(size.deviceBytes());
    long onHost = size.sideBytes();
    long onDevice = size.deviceSideBytes();
    this.a = new SlotSide<>(queue, size, host.asSlice(0, onHost), queue.slice(device, 0, onDevice));
    this.b =
        new SlotSide<>(
            queue, size, host.asSlice(onHost, onHost), queue.slice(device, onDevice, onDevice));
    this.hostResults = host.asSlice(2 * onHost);
    this.deviceResults = queue.slice(device, 2 * onDevice, size.resultBytes());
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
    boolean floored = pair.hasFloor();
    return a.fits(pair.a(), floored, count)
        && b.fits(pair.b(), floored, count)
        && elements + count + ALIGNMENT <= size.elements()
        && resultBytes + segmentBytes(task.plan.segments(chunk), floored) + GROUP_BYTES
            <= size.resultBytes();
  }

  private static long segmentBytes(RowSegments segments, boolean floored) {
    int each = floored ? ComparedSegment.BYTES + JudgedSegment.BYTES : ComparedSegment.BYTES;
    return segments.count() * each;
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
    boolean floored = task.pair.hasFloor();
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
    a.keep(left, reader.a(), floored, count, aAt);
    b.keep(right, reader.b(), floored, count, bAt);
    RowSegments cut = task.plan.segments(step.chunk());
    if (!continued) {
      groups.add(new ChunkGroup(share, cut.columns(), aAt, bAt));
      elements += ALIGNMENT;
      resultBytes += GROUP_BYTES;
    }
    groups.getLast().add(step);
    elements += count;
    resultBytes += segmentBytes(cut, floored);
    return true;
  }

  /** Asks the device for the sums of all chunks. */
  void submit() {
    a.upload();
    b.upload();
    long valuesAt = 0;
    long resultsAt = 0;
    for (ChunkGroup group : groups) {
      resultsAt = submit(group, valuesAt, resultsAt);
      valuesAt = aligned(valuesAt + group.elements());
    }
    queue.download(queue.slice(deviceResults, 0, resultsAt), hostResults.asSlice(0, resultsAt));
  }

  /** Asks for one group, with results from byte {@code histogramAt}; where those of the next go. */
  private long submit(ChunkGroup group, long valuesAt, long histogramAt) {
    TensorPair pair = group.share().task().pair;
    long count = group.elements();
    Compare compare = new Compare(group.rows(), group.columns());
    long segments = compare.segments().count();
    long comparedAt = aligned(histogramAt + HISTOGRAM_BYTES);
    long judgedAt = aligned(comparedAt + segments * ComparedSegment.BYTES);
    M valuesA = a.values(pair.a(), group.aAt(), count, valuesAt);
    M valuesB = b.values(pair.b(), group.bAt(), count, valuesAt);
    queue.run(
        compare,
        List.of(
            valuesA,
            valuesB,
            queue.slice(deviceResults, comparedAt, segments * ComparedSegment.BYTES),
            queue.slice(deviceResults, histogramAt, HISTOGRAM_BYTES)));
    long judgedBytes = 0;
    if (pair.hasFloor()) {
      judgedBytes = segments * JudgedSegment.BYTES;
      queue.run(
          new Judge(group.rows(), group.columns()),
          List.of(
              valuesA,
              valuesB,
              a.bounds(pair.a(), group.aAt(), count, valuesAt),
              b.bounds(pair.b(), group.bAt(), count, valuesAt),
              queue.slice(deviceResults, judgedAt, judgedBytes)));
    }
    reduced.add(
        new Reduced(
            group,
            a,
            b,
            hostResults.asSlice(histogramAt, HISTOGRAM_BYTES),
            hostResults.asSlice(comparedAt, segments * ComparedSegment.BYTES),
            hostResults.asSlice(judgedAt, judgedBytes)));
    return aligned(judgedAt + judgedBytes);
  }

  /**
   * What the device says of one group, with what it was given.
   *
   * @param a side a of the slot, on the host as it was sent
   * @param b side b
   * @param histogram of all chunks
   * @param compared records of {@link ComparedSegment}
   * @param judged records of {@link JudgedSegment}, none where there is no floor
   */
  record Reduced(
      ChunkGroup group,
      SlotSide<?> a,
      SlotSide<?> b,
      MemorySegment histogram,
      MemorySegment compared,
      MemorySegment judged) {}

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
