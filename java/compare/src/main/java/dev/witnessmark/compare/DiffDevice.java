package dev.witnessmark.compare;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.stream.Reduction;
import dev.witnessmark.kernels.operation.WorkQueues;

/**
 * A device that values are compared on.
 *
 * @param id how results name it, for example {@code cuda:0}
 * @param queues what it can do
 * @param <M> its memory
 */
public record DiffDevice<M>(String id, WorkQueues<M> queues) {

  /** The most memory of the host that a worker needs besides what it needs without a device. */
  public static final long HOST_BYTES_PER_WORKER = Reduction.HOST_BYTES_PER_WORKER;

  /** The comparison on this device, with {@code kernels} for what is done on the host. */
  Reduction reduction(KernelChoice kernels) {
    return Reduction.on(queues, kernels);
  }
}
