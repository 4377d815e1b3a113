package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.kernels.operation.WorkQueues;
import java.util.List;

/** Where fingerprints are computed. Their bits do not depend on it. */
public abstract sealed class RowProjection permits HostProjection, DeviceProjection {

  private final KernelChoice kernels;

  RowProjection(KernelChoice kernels) {
    this.kernels = kernels;
  }

  /** On the processor. */
  public static RowProjection onHost(KernelChoice kernels) {
    return new HostProjection(kernels);
  }

  /**
   * On a device, through a queue of its own for every worker.
   *
   * @param kernels for what is done on the host
   */
  public static <M> RowProjection on(WorkQueues<M> device, KernelChoice kernels) {
    return new DeviceProjection<>(device, kernels, DeviceProjection.STORED_BYTES);
  }

  final KernelChoice kernels() {
    return kernels;
  }

  /** What computes, for the run record. */
  abstract String implementation();

  /** Why it does, and what of {@code tensors} is done elsewhere, for the run record. */
  abstract String reason(List<CheckpointTensor> tensors);

  /** One for the thread that makes it. */
  abstract RowProjector projector();
}
