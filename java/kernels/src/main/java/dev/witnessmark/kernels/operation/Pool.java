package dev.witnessmark.kernels.operation;

/**
 * Memory of a device that is given back together. Closing waits for work that may still use it.
 *
 * @param <M> a piece of the device's memory
 */
public interface Pool<M> extends AutoCloseable {

  /**
   * New memory with unspecified content, aligned to at least 256 bytes.
   *
   * @param bytes at least 0
   * @throws OutOfDeviceMemoryException if the device has not that much
   */
  M allocate(long bytes);

  @Override
  void close();
}
