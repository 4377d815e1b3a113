package dev.witnessmark.kernels.host;

import java.lang.foreign.MemorySegment;

/**
 * The order of activations for codes in the nibbles of runs of 32 bytes, each 64 elements: byte i
 * of run r has the low bits of element 64 r + i and of element 64 r + i + 32.
 */
final class NibblePairs {

  private NibblePairs() {}

  /**
   * Writes [2, 4, 16] int32 for one block of 256: lane l of half h belongs to bytes 4l … 4l + 3 of
   * 64; the four vectors to the low nibbles of bytes 0 and 2, of bytes 1 and 3, and to the high
   * ones of both. Each is the activation of the first byte times 2¹⁶ plus that of the second.
   */
  static void prepare(MemorySegment activations, long codes, MemorySegment factors, long at) {
    for (int half = 0; half < 2; half++) {
      for (int kind = 0; kind < 4; kind++) {
        for (int lane = 0; lane < 16; lane++) {
          int run = 2 * half + lane / 8;
          int element = 64 * run + 32 * (kind / 2) + lane % 8 * 4 + kind % 2;
          int first = Values.i8At(activations, codes + element);
          int second = Values.i8At(activations, codes + element + 2);
          Values.setI32At(factors, at + 4L * (64 * half + 16 * kind + lane), (first << 16) + second);
        }
      }
    }
  }
}
