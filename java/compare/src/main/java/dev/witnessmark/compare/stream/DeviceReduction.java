package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.stream.PairTask.Step;
import dev.witnessmark.kernels.difference.ComparedSegment;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.operation.RowSegments;
import dev.witnessmark.kernels.operation.WorkQueue;
import dev.witnessmark.kernels.operation.WorkQueues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chunks are read into memory that the device copies from by itself, decoded and reduced there.
 * Each worker has a ring of slots: while one is read into, the device has the others. The host
 * looks for equal bytes first, which are not sent; it decodes the few segments that may hold one of
 * the largest differences, and adds up the sums of the segments.
 *
 * @param <M> a piece of the device's memory
 */
final class DeviceReduction<M> extends Reduction {

  /** Most chunks that a slot holds, of those that are not cut short by their rows. */
  private static final int STEPS_AT_ONCE = 16;

  /** One is filled, one is on its way, one is being reduced. */
  static final int SLOTS = 3;

  private final WorkQueues<M> device;
  private final SlotSize size;

  DeviceReduction(WorkQueues<M> device, KernelChoice kernels, SlotSize size) {
    super(kernels);
    this.device = device;
    this.size = size;
  }

  @Override
  public String implementation() {
    return device.name();
  }

  @Override
  public String reason(List<TensorPair> pairs) {
    long whole = pairs.stream().filter(DeviceReduction::staysOnHost).count();
    long views =
        pairs.stream()
            .filter(pair -> !staysOnHost(pair))
            .filter(pair -> !pair.a().isStored() || !pair.b().isStored())
            .count();
    StringBuilder reason =
        new StringBuilder(
            "asked for; on the host (%s): equal bytes are found and the largest differences picked"
                .formatted(kernels().difference().implementation()));
    if (views > 0) {
      reason.append(", values of %d tensors are put in order or computed".formatted(views));
    }
    if (whole > 0) {
      reason.append(", %d tensors are compared, in float64".formatted(whole));
    }
    return reason.toString();
  }

  @Override
  int stepsAtOnce() {
    return STEPS_AT_ONCE;
  }

  @Override
  ChunkWorker worker(Staging staging, ChunkWorker.Finished finished) {
    return new Worker(staging, finished);
  }

  /**
   * Whether chunks of {@code pair} are reduced on the host: the device has no float64 operations.
   */
  static boolean staysOnHost(TensorPair pair) {
    return PairReader.isWide(pair) || pair.hasFloor();
  }

  private final class Worker implements ChunkWorker {

    private final Finished finished;
    private final DifferenceKernel kernel = kernels().difference();
    private final HostReduction.Worker host;
    private final SegmentValues valuesA;
    private final SegmentValues valuesB;
    private final Deque<Slot<M>> free = new ArrayDeque<>();

    /** Slots that the device has, oldest first. */
    private final Deque<Slot<M>> sent = new ArrayDeque<>();

    /** The slot that is read into. */
    private @Nullable Slot<M> open;

    Worker(Staging staging, Finished finished) {
      this.finished = finished;
      this.host = new HostReduction.Worker(kernel, finished);
      this.valuesA = new SegmentValues(staging);
      this.valuesB = new SegmentValues(staging);
    }

    @Override
    public void process(PairShare share, Step step) throws IOException {
      PairTask task = share.task();
      if (staysOnHost(task.pair)) {
        host.process(share, step);
        return;
      }
      Slot<M> slot = open();
      if (!slot.fits(task, step.chunk())) {
        send(slot);
        slot = open();
      }
      share.begin();
      boolean kept = false;
      try {
        kept = slot.take(share, step);
      } catch (IOException unreadable) {
        task.fail(step, String.valueOf(unreadable.getMessage()));
      }
      if (!kept) {
        finished.step(share, step);
      }
    }

    private Slot<M> open() throws IOException {
      Slot<M> slot = open;
      if (slot == null) {
        if (free.isEmpty() && sent.size() == SLOTS) {
          collect();
        }
        slot = free.isEmpty() ? newSlot() : free.pop();
        open = slot;
      }
      return slot;
    }

    private Slot<M> newSlot() {
      WorkQueue<M> queue = device.queue();
      try {
        return new Slot<>(queue, size);
      } catch (RuntimeException failure) {
        queue.close();
        throw failure;
      }
    }

    private void send(Slot<M> slot) {
      open = null;
      sent.add(slot);
      slot.submit();
    }

    /** Waits for the oldest slot and finishes its chunks. */
    private void collect() throws IOException {
      Slot<M> slot = sent.removeFirst();
      free.push(slot);
      for (Slot.Reduced reduced : slot.await()) {
        merge(reduced);
      }
      slot.clear();
    }

    private void merge(Slot.Reduced reduced) throws IOException {
      ChunkGroup group = reduced.group();
      PairShare share = group.share();
      PairTask task = share.task();
      long elementsBefore = 0;
      long segmentsBefore = 0;
      for (Step step : group.steps()) {
        ChunkSums sums = new ChunkSums(task.top());
        if (segmentsBefore == 0) {
          // Counts may be added in any order, so the first chunk takes those of the whole group.
          sums.sums.addHistogram(reduced.histogram());
        }
        RowSegments cut = group.segments(step);
        merge(reduced, step, elementsBefore, segmentsBefore, sums);
        elementsBefore += cut.elements();
        segmentsBefore += cut.count();
        task.finishCompared(step, sums);
        finished.step(share, step);
      }
    }

    /** Adds up the segments of one chunk. */
    private void merge(
        Slot.Reduced reduced,
        Step step,
        long elementsBefore,
        long segmentsBefore,
        ChunkSums result) {
      ChunkGroup group = reduced.group();
      PairShare share = group.share();
      ChunkPlan plan = share.task().plan;
      RowSegments cut = group.segments(step);
      long first = plan.first(step.chunk());
      RowTally row = new RowTally(first / plan.columns(), result);
      for (long segment = 0; segment < cut.count(); segment++) {
        long element = cut.first(segment);
        ComparedSegment found =
            ComparedSegment.of(
                reduced.segments(), (segmentsBefore + segment) * ComparedSegment.BYTES);
        result.sums.add(found);
        if (share.top().mayTake(found.largest())) {
          int count = cut.length(segment);
          TensorPair pair = share.task().pair;
          MemorySegment a = valuesA.of(pair.a(), reduced.a(), elementsBefore + element, count);
          MemorySegment b = valuesB.of(pair.b(), reduced.b(), elementsBefore + element, count);
          kernel.offer(a, 0, b, 0, count, first + element, share.top());
        }
        if (plan.rowWise()) {
          row.add(
              (first + element) / plan.columns(),
              found.deltaSquared(),
              found.aSquared(),
              found.differs());
        }
      }
      if (plan.rowWise()) {
        row.close(plan.rowsPerChunk() == 0);
      }
    }

    @Override
    public void finish() throws IOException {
      Slot<M> slot = open;
      if (slot != null && !slot.isEmpty()) {
        send(slot);
      }
      while (!sent.isEmpty()) {
        collect();
      }
    }

    @Override
    public void close() {
      if (open != null) {
        open.close();
      }
      sent.forEach(Slot::close);
      free.forEach(Slot::close);
    }
  }
}
