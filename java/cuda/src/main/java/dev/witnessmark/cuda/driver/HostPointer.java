package dev.witnessmark.cuda.driver;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;

/**
 * Native host memory as JCuda takes it. Unlike JCuda's own pointers to buffers it has no limit of 2
 * GiB; unlike its pointers to arrays it stays where it is after the call.
 */
final class HostPointer extends Pointer {

  HostPointer() {}

  HostPointer(MemorySegment segment) {
    super(segment.address());
  }

  /** The address that the driver wrote. */
  long address() {
    return getNativePointer();
  }

  /** JCuda checks nothing: a segment whose arena is closed would be read after its end. */
  static void requireReadable(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "the device cannot reach a segment of the Java heap (%d bytes); allocate it from an arena"
              .formatted(segment.byteSize()));
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(
          "the arena of a segment of %d bytes is closed".formatted(segment.byteSize()));
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException(
          "a segment of %d bytes belongs to the arena of another thread"
              .formatted(segment.byteSize()));
    }
  }

  static void requireWritable(MemorySegment segment) {
    requireReadable(segment);
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException(
          "a segment of %d bytes is read-only".formatted(segment.byteSize()));
    }
  }
}
