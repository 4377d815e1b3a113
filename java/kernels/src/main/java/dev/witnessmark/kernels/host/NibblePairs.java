package dev.witnessmark.kernels.host;

import java.lang.foreign.MemorySegment;

/**
 * The order of activations for codes in the nibbles of runs of 32 bytes, each 64 elements: byte i
 * of run r has the low bits of element 64 r + i and of element 64 r + i + 32.
 */
final class NibblePairs {

  /** Integers of a block of 256. */
  static final int FACTORS = 128;

  private NibblePairs() {}

  /**
   * Writes [2, 4, 16] int32 for one block of 256: lane l of half h belongs to bytes 4l … 4l + 3 of
   * 64; the four vectors to the low nibbles of bytes 0 and 2, of bytes 1 and 3, and to the high
   * ones of both. Each is the activation of the first byte times 2¹⁶ plus that of the second.
   */
  static void prepare(MemorySegment activations, long codes, MemorySegment factors, long at) {
    for (int run = 0; run < 4; run++) {
      for (int lane = 0; lane < 8; lane++) {
        long from = codes + 64L * run + 4L * lane;
        long to = at + 256L * (run >>> 1) + 32L * (run & 1) + 4L * lane;
        int low = Values.i32At(activations, from);
        int high = Values.i32At(activations, from + 32);
        Values.setI32At(factors, to, pair(low));
        Values.setI32At(factors, to + 64, pair(low >> 8));
        Values.setI32At(factors, to + 128, pair(high));
        Values.setI32At(factors, to + 192, pair(high >> 8));
      }
    }
  }

  /** Byte 0 times 2¹⁶ plus byte 2. */
  private static int pair(int bytes) {
    return ((byte) bytes << 16) + (byte) (bytes >> 16);
  }
}
