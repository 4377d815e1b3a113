package dev.witnessmark.kernels.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory that is kept from run to run and replaced when more is needed. */
final class Scratch {

  private static final long ALIGNMENT = 64;

  private MemorySegment memory = MemorySegment.NULL;

  /** The memory, of at least {@code bytes} bytes; what it held is lost when it has to grow. */
  MemorySegment atLeast(long bytes) {
    if (memory.byteSize() < bytes) {
      memory = allocate(bytes);
    }
    return memory;
  }

  /** Memory that lives as long as it is used. */
  static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes, ALIGNMENT);
  }
}
