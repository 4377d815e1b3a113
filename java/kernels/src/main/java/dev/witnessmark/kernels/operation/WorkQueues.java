package dev.witnessmark.kernels.operation;

/**
 * A device that several threads can use side by side, each by queues of its own.
 *
 * @param <M> a piece of the device's memory
 */
public interface WorkQueues<M> {

  /** What it is, for the run record. */
  String name();

  /** Whether there is a kernel for {@code operation} in {@code arithmetic}. */
  boolean supports(Operation operation, Arithmetic arithmetic);

  /** Opens a queue. Any thread may ask for one. */
  WorkQueue<M> queue();
}
