package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Native memory that is kept from run to run and replaced when more is needed. */
final class Scratch {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
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

  /** Sets the first {@code bytes} bytes to 0, a multiple of 64. */
  static void clear(MemorySegment memory, long bytes) {
    for (long at = 0; at < bytes; at += INTS.vectorByteSize()) {
      IntVector.zero(INTS).intoMemorySegment(memory, at, ByteOrder.nativeOrder());
    }
  }
}
