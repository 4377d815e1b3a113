package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.stream.PairTask.Step;
import dev.witnessmark.kernels.operation.WorkQueue;
import dev.witnessmark.kernels.operation.WorkQueues;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chunks are read into memory that the device copies from by itself, decoded and reduced there.
 * Each worker has a ring of slots: while one is read into, the device has the others. The host
 * looks for equal bytes first, which are not sent, and adds up the sums of the segments. Pairs of
 * float64 and wide integers are reduced on the host, in float64, which the device has no operations
 * for.
 *
 * @param <M> a piece of the device's memory
 */
final class DeviceReduction<M> extends Reduction {

  /** One is read into while the device has the other. */
  static final int SLOTS = 2;

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
    long wide = pairs.stream().filter(PairReader::isWide).count();
    long views =
        pairs.stream()
            .filter(pair -> !PairReader.isWide(pair))
            .filter(pair -> !pair.a().isStored() || !pair.b().isStored())
            .count();
    StringBuilder reason =
        new StringBuilder(
            "asked for; on the host (%s): equal bytes are found and the largest differences picked"
                .formatted(kernels().difference().implementation()));
    if (views > 0) {
      reason.append(", values of %d tensors are put in order or computed".formatted(views));
    }
    if (wide > 0) {
      reason.append(", %d tensors are compared, in float64".formatted(wide));
    }
    return reason.toString();
  }

  @Override
  int stepsAtOnce() {
    return size.chunks();
  }

  @Override
  ChunkWorker worker(Staging staging, ChunkWorker.Finished finished) {
    return new Worker(staging, finished);
  }

  private final class Worker implements ChunkWorker {

    private final Finished finished;
    private final HostReduction.Worker host;
    private final GroupSums sums;
    private final Deque<Slot<M>> free = new ArrayDeque<>();

    /** Slots that the device has, oldest first. */
    private final Deque<Slot<M>> sent = new ArrayDeque<>();

    /** The slot that is read into. */
    private @Nullable Slot<M> open;

    Worker(Staging staging, Finished finished) {
      this.finished = finished;
      this.host = new HostReduction.Worker(kernels().difference(), finished);
      this.sums = new GroupSums(kernels().difference(), staging, finished);
    }

    @Override
    public void process(PairShare share, Step step) throws IOException {
      PairTask task = share.task();
      if (share.reader().wide()) {
        host.process(share, step);
        return;
      }
      Slot<M> slot = open(task, step.chunk());
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

    /** The slot to read into next, with room for the chunk. */
    private Slot<M> open(PairTask task, long chunk) throws IOException {
      Slot<M> slot = open();
      if (!slot.fits(task, chunk) && !slot.isEmpty()) {
        send(slot);
        slot = open();
      }
      if (!slot.fits(task, chunk)) {
        open = null;
        slot.close();
        slot = newSlot(SlotSize.LARGEST_CHUNK);
        open = slot;
      }
      return slot;
    }

    private Slot<M> open() throws IOException {
      Slot<M> slot = open;
      if (slot == null) {
        if (free.isEmpty() && sent.size() == SLOTS) {
          collect();
        }
        slot = free.isEmpty() ? newSlot(size) : free.pop();
        open = slot;
      }
      return slot;
    }

    private Slot<M> newSlot(SlotSize slotSize) {
      WorkQueue<M> queue = device.queue();
      try {
        return new Slot<>(queue, slotSize);
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
        sums.finish(reduced);
      }
      slot.clear();
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
