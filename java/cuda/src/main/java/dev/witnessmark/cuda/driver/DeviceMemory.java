package dev.witnessmark.cuda.driver;

import java.util.Objects;

/**
 * Bytes in the memory of one device: an allocation or a slice of one. Closing an allocation waits
 * for the streams that use it; its slices end with it.
 */
public final class DeviceMemory implements AutoCloseable {

  private final DeviceAllocation allocation;
  private final DevicePointer pointer;
  private final long offset;
  private final long bytes;

  DeviceMemory(DeviceAllocation allocation, DevicePointer pointer, long offset, long bytes) {
    this.allocation = allocation;
    this.pointer = pointer;
    this.offset = offset;
    this.bytes = bytes;
  }

  /** The context, and by it the device, that this memory belongs to. */
  public Context context() {
    return allocation.context();
  }

  /** Size in bytes. */
  public long bytes() {
    return bytes;
  }

  public boolean isOpen() {
    return allocation.isOpen();
  }

  /**
   * The {@code bytes} bytes that begin {@code offset} bytes after the first of this.
   *
   * @throws IndexOutOfBoundsException if they do not lie within this
   */
  public DeviceMemory slice(long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, this.bytes);
    return new DeviceMemory(allocation, pointer.plus(offset), this.offset + offset, bytes);
  }

  /**
   * Frees the allocation.
   *
   * @throws IllegalStateException if this is a slice: only what was allocated can be freed
   */
  @Override
  public void close() {
    if (this.bytes != allocation.bytes()) {
      throw new IllegalStateException(this + " cannot be closed, only the allocation can");
    }
    allocation.close();
  }

  DeviceAllocation allocation() {
    return allocation;
  }

  DevicePointer pointer() {
    return pointer;
  }

  @Override
  public String toString() {
    return bytes == allocation.bytes()
        ? allocation.toString()
        : "bytes %d to %d of %s".formatted(offset, offset + bytes, allocation);
  }
}
