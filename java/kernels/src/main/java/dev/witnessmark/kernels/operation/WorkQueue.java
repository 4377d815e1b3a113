package dev.witnessmark.kernels.operation;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Copies and operations that a device does in the order in which they are asked for, while the
 * thread that asks goes on, and independently of other queues. It belongs to one thread. Its memory
 * ends with it; closing waits for what was asked.
 *
 * @param <M> a piece of the device's memory
 */
public interface WorkQueue<M> extends AutoCloseable {

  /**
   * New memory of the host that copies of this queue may go from and to, aligned to 4096 bytes.
   *
   * @param bytes at least 1
   */
  MemorySegment hostMemory(long bytes);

  /**
   * New memory of the device with unspecified content, aligned to at least 256 bytes.
   *
   * @param bytes at least 1
   * @throws OutOfDeviceMemoryException if the device has not that much
   */
  M deviceMemory(long bytes);

  /**
   * A part of {@code memory}.
   *
   * @throws IndexOutOfBoundsException if it is not wholly inside
   */
  M slice(M memory, long at, long bytes);

  /**
   * Asks for a copy to the device.
   *
   * @param from within {@link #hostMemory}; not to be changed before {@link #await} returns
   * @throws IllegalArgumentException if the sizes differ
   */
  void upload(MemorySegment from, M to);

  /**
   * Asks for an operation in canonical arithmetic. Operands that are written must not overlap
   * others.
   *
   * @param operands one for each of {@link Operation#operands}, of exactly those sizes
   * @throws IllegalArgumentException if number or sizes differ
   * @throws UnsupportedOperationException if there is no kernel: nothing runs in its place
   */
  void run(Operation operation, List<M> operands);

  /**
   * Asks for a copy to the host.
   *
   * @param to within {@link #hostMemory}; of arbitrary content until {@link #await} returns
   * @throws IllegalArgumentException if the sizes differ
   */
  void download(M from, MemorySegment to);

  /** Waits until everything that was asked for is done. */
  void await();

  @Override
  void close();
}
