package dev.witnessmark.kernels.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Where the parts of a block of Q8_0 activations lie: a float16 and 32 codes. */
final class Q80 {

  static final int ELEMENTS = 32;
  static final int BYTES = 34;
  static final int CODES = 2;

  private Q80() {}

  /** Writes the codes of some blocks as int32, the first one's at block {@code block}. */
  static void widen(
      MemorySegment activations, long at, int blocks, MemorySegment integers, long block) {
    for (int i = 0; i < blocks; i++) {
      long from = at + (long) BYTES * i + CODES;
      long to = 4L * ELEMENTS * (block + i);
      for (int e = 0; e < ELEMENTS; e++) {
        Values.setI32At(integers, to + 4L * e, activations.get(JAVA_BYTE, from + e));
      }
    }
  }
}
