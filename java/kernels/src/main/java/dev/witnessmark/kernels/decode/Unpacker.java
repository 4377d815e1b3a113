package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;

/** Takes blocks of one type apart. */
@FunctionalInterface
public interface Unpacker {

  /**
   * Takes {@code blocks} blocks from byte {@code at} of {@code stored} apart, {@link
   * Unpacked#CAPACITY} elements at most.
   */
  void unpack(MemorySegment stored, long at, int blocks, Unpacked into);
}
