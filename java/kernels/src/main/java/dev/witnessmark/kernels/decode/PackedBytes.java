package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight (or four) codes in one long (or int), the first in the lowest byte, and where they go. */
final class PackedBytes {

  /** One in every byte. */
  static final long ONES = 0x0101_0101_0101_0101L;

  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private PackedBytes() {}

  static void put8(MemorySegment codes, int at, long eight) {
    codes.set(Stored.LONG, at, eight);
  }

  static void put8(byte[] codes, int at, long eight) {
    LONG.set(codes, at, eight);
  }

  static void put4(MemorySegment codes, int at, int four) {
    codes.set(Stored.INT, at, four);
  }

  /** x - bias in every byte, for bytes x and biases whose difference is within a signed byte. */
  static long minus(long x, int bias) {
    return (x + (0x80 - bias) * ONES) ^ HIGH_BITS;
  }

  /** Four bytes, each twice: b0 b0 b1 b1 b2 b2 b3 b3. */
  static long twice(int four) {
    long spread = four & 0xffff_ffffL;
    spread = (spread | (spread << 16)) & 0x0000_ffff_0000_ffffL;
    spread = (spread | (spread << 8)) & 0x00ff_00ff_00ff_00ffL;
    return spread | (spread << 8);
  }

  /** Nibbles of four bytes in order, low one first, as eight bytes. */
  static long nibbles(int four) {
    long spread = four & 0xffff_ffffL;
    spread = (spread | (spread << 16)) & 0x0000_ffff_0000_ffffL;
    spread = (spread | (spread << 8)) & 0x00ff_00ff_00ff_00ffL;
    return (spread | (spread << 4)) & 0x0f * ONES;
  }

  /** Eight 2-bit codes as eight bytes. */
  static long pairsOfBits(int sixteen) {
    long spread = sixteen & 0xffffL;
    spread = (spread | (spread << 24)) & 0x0000_00ff_0000_00ffL;
    spread = (spread | (spread << 12)) & 0x000f_000f_000f_000fL;
    return (spread | (spread << 6)) & 0x03 * ONES;
  }

  /** Bit k of {@code eight} as byte k, 0 or 1. */
  static long bits(int eight) {
    long oneBitEach = ((eight & 0xffL) * ONES) & 0x8040_2010_0804_0201L;
    return ((oneBitEach + 0x7f * ONES) >>> 7) & ONES;
  }

  /** {@code magnitudes}, none of them 0, negative where {@code ones} has a 1. */
  static long negated(long magnitudes, long ones) {
    return (magnitudes ^ ones * 255) + ones;
  }
}
