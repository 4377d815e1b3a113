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
}
