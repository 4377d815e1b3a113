package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.kernels.operation.WorkQueues;
import java.util.List;

/**
 * Where chunks are reduced. The bits of the results do not depend on it: chunks, segments and the
 * order in which they are added up are the same everywhere.
 */
public abstract sealed class Reduction permits HostReduction, DeviceReduction {

  /** The most memory of the host that a worker needs for a device. */
  public static final long HOST_BYTES_PER_WORKER =
      DeviceReduction.SLOTS * SlotSize.LARGEST_CHUNK.hostBytes();

  private final KernelChoice kernels;

  Reduction(KernelChoice kernels) {
    this.kernels = kernels;
  }

  /** On the processor. */
  public static Reduction onHost(KernelChoice kernels) {
    return new HostReduction(kernels);
  }

  /**
   * On a device, through queues of its own for every worker.
   *
   * @param kernels for what is done on the host
   */
  public static <M> Reduction on(WorkQueues<M> device, KernelChoice kernels) {
    return new DeviceReduction<>(device, kernels, SlotSize.USUAL);
  }

  /** What decodes and compares on the host. */
  public final KernelChoice kernels() {
    return kernels;
  }

  /** What computes, for the run record. */
  public abstract String implementation();

  /** Why it does, and what of {@code pairs} is done elsewhere, for the run record. */
  public abstract String reason(List<TensorPair> pairs);

  /** Steps of a large pair that a worker takes together. */
  abstract int stepsAtOnce();

  /** A worker that reads into {@code staging} and tells {@code finished} of its steps. */
  abstract ChunkWorker worker(Staging staging, ChunkWorker.Finished finished);
}
