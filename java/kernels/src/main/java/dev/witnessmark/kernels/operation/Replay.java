package dev.witnessmark.kernels.operation;

/**
 * Work that a device recorded once and does again as a whole, on the memory that was named then,
 * with what that holds now.
 */
public interface Replay extends AutoCloseable {

  /**
   * Does the work, after what was asked of the device before.
   *
   * @throws IllegalStateException if memory that it uses, or this, is closed
   */
  void run();

  /** Forgets the work, and gives back what it needs of its own. */
  @Override
  void close();
}
