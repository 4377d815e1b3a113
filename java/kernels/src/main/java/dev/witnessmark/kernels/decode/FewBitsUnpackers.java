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
    for (int group = 0; group < 8 * blocks; group++) {
      into.scales[group] = f16(stored, at + 18L * (group >>> 3));
    }
    for (int i = 0; i < 16 * blocks; i++) {
      long set = bits(u8(stored, at + 18L * (i >>> 4) + 2 + (i & 15)));
      put8(into.codes, 8 * i, minus(2 * set, 1));
    }
  }

  static void q2_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int group = 0; group < 4 * blocks; group++) {
      into.scales[group] = f16(stored, at + 18L * (group >>> 2));
    }
    for (int i = 0; i < 8 * blocks; i++) {
      long codes = pairsOfBits(u16(stored, at + 18L * (i >>> 3) + 2 + 2L * (i & 7)));
      put8(into.codes, 8 * i, minus(codes, 1));
    }
  }

  static void tq1_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int group = 0; group < 16 * blocks; group++) {
      into.scales[group] = f16(stored, at + 54L * (group >>> 4) + 52);
    }
    for (int i = 0; i < 4 * blocks; i++) {
      long from = at + 54L * (i >>> 2) + 8L * (i & 3);
      digits(i64(stored, from), into.codes, 256 * (i >>> 2) + 8 * (i & 3), 32);
    }
    for (int i = 0; i < 2 * blocks; i++) {
      long from = at + 54L * (i >>> 1) + 32 + 8L * (i & 1);
      digits(i64(stored, from), into.codes, 256 * (i >>> 1) + 160 + 8 * (i & 1), 16);
    }
    for (int block = 0; block < blocks; block++) {
      long bytes = i32(stored, at + 54L * block + 48) & 0xffff_ffffL;
      int to = 256 * block + 240;
      put4(into.codes, to, (int) minus(leadingDigit(bytes), 1));
      bytes = timesThree(bytes);
      put4(into.codes, to + 4, (int) minus(leadingDigit(bytes), 1));
      bytes = timesThree(bytes);
      put4(into.codes, to + 8, (int) minus(leadingDigit(bytes), 1));
      bytes = timesThree(bytes);
      put4(into.codes, to + 12, (int) minus(leadingDigit(bytes), 1));
    }
  }

  /** The five base-3 digits of eight bytes, minus 1, {@code stride} apart. */
  private static void digits(long bytes, MemorySegment codes, int to, int stride) {
    put8(codes, to, minus(leadingDigit(bytes), 1));
    bytes = timesThree(bytes);
    put8(codes, to + stride, minus(leadingDigit(bytes), 1));
    bytes = timesThree(bytes);
    put8(codes, to + 2 * stride, minus(leadingDigit(bytes), 1));
    bytes = timesThree(bytes);
    put8(codes, to + 3 * stride, minus(leadingDigit(bytes), 1));
    bytes = timesThree(bytes);
    put8(codes, to + 4 * stride, minus(leadingDigit(bytes), 1));
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
}
