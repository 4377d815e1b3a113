package dev.witnessmark.kernels.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The order of activations for codes in the nibbles of runs of 32 bytes, each 64 elements: byte i
 * of run r has the low bits of element 64 r + i and of element 64 r + i + 32.
 */
final class NibblePairs {

  /** Integers of a block of 256. */
  static final int FACTORS = 128;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int[] codes = new int[64];
  private final int[] pairs = new int[FACTORS];

  /**
   * Writes [2, 4, 16] int32 for one block of 256: lane l of half h belongs to bytes 4l … 4l + 3 of
   * 64; the four vectors to the low nibbles of bytes 0 and 2, of bytes 1 and 3, and to the high
   * ones of both. Each is the activation of the first byte times 2¹⁶ plus that of the second.
   */
  void prepare(MemorySegment activations, long at, MemorySegment factors, long to) {
    MemorySegment.copy(activations, INT, at, codes, 0, codes.length);
    for (int half = 0; half < 2; half++) {
      pairs(codes, 32 * half, pairs, 64 * half);
      pairs(codes, 32 * half + 16, pairs, 64 * half + 8);
    }
    MemorySegment.copy(pairs, 0, factors, INT, to, pairs.length);
  }

  /** The pairs of one run. */
  private static void pairs(int[] codes, int from, int[] pairs, int to) {
    for (int i = 0; i < 8; i++) {
      int low = codes[from + i];
      int high = codes[from + 8 + i];
      pairs[to + i] = pair(low);
      pairs[to + 16 + i] = pair(low >> 8);
      pairs[to + 32 + i] = pair(high);
      pairs[to + 48 + i] = pair(high >> 8);
    }
  }

  /** Byte 0 times 2¹⁶ plus byte 2. */
  static int pair(int bytes) {
    return ((byte) bytes << 16) + (byte) (bytes >> 16);
  }

  /** What {@link #pair} has put together, added. */
  static int sum(int pair) {
    return ((pair + (1 << 15)) >> 16) + (short) pair;
  }
}
