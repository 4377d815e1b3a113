package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.PackedBytes.bits;
import static dev.witnessmark.kernels.decode.PackedBytes.minus;
import static dev.witnessmark.kernels.decode.PackedBytes.pairsOfBits;
import static dev.witnessmark.kernels.decode.PackedBytes.put4;
import static dev.witnessmark.kernels.decode.PackedBytes.put8;
import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.i64;
import static dev.witnessmark.kernels.decode.Stored.u16;
import static dev.witnessmark.kernels.decode.Stored.u8;

import java.lang.foreign.MemorySegment;

/** Types of one or two bits in element order, and of base-3 digits; eight codes in one long. */
final class FewBitsUnpackers {

  private static final long EVEN_BYTES = 0x00ff_00ff_00ff_00ffL;

  private FewBitsUnpackers() {}

  static void q1_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 18) {
      scale(into, 8 * block, 8, f16(stored, at));
      for (int i = 0; i < 16; i++) {
        long set = bits(u8(stored, at + 2 + i));
        put8(into.codes, 128 * block + 8 * i, minus(2 * set, 1));
      }
    }
  }

  static void q2_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 18) {
      scale(into, 4 * block, 4, f16(stored, at));
      for (int i = 0; i < 8; i++) {
        long codes = pairsOfBits(u16(stored, at + 2 + 2L * i));
        put8(into.codes, 64 * block + 8 * i, minus(codes, 1));
      }
    }
  }

  static void tq1_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 54) {
      scale(into, 16 * block, 16, f16(stored, at + 52));
      int to = 256 * block;
      for (int i = 0; i < 32; i += 8) {
        digits(i64(stored, at + i), into, to + i, 32);
      }
      for (int i = 0; i < 16; i += 8) {
        digits(i64(stored, at + 32 + i), into, to + 160 + i, 16);
      }
      long last = i32(stored, at + 48) & 0xffff_ffffL;
      for (int digit = 0; digit < 4; digit++) {
        put4(into.codes, to + 240 + 4 * digit, (int) minus(leadingDigit(last), 1));
        last = timesThree(last);
      }
    }
  }

  /** The five base-3 digits of eight bytes, minus 1, {@code stride} apart. */
  private static void digits(long bytes, Unpacked into, int to, int stride) {
    for (int digit = 0; digit < 5; digit++) {
      put8(into.codes, to + stride * digit, minus(leadingDigit(bytes), 1));
      bytes = timesThree(bytes);
    }
  }

  /** (3 b) >> 8 of every byte b. */
  private static long leadingDigit(long bytes) {
    long even = bytes & EVEN_BYTES;
    long odd = (bytes >>> 8) & EVEN_BYTES;
    return (((3 * even) >>> 8) & EVEN_BYTES) | ((3 * odd) & ~EVEN_BYTES);
  }

  /** 3 b mod 256 of every byte b. */
  private static long timesThree(long bytes) {
    long even = bytes & EVEN_BYTES;
    long odd = (bytes >>> 8) & EVEN_BYTES;
    return ((3 * even) & EVEN_BYTES) | (((3 * odd) & EVEN_BYTES) << 8);
  }

  private static void scale(Unpacked into, int group, int groups, float scale) {
    for (int g = group; g < group + groups; g++) {
      into.scales[g] = scale;
    }
  }
}
