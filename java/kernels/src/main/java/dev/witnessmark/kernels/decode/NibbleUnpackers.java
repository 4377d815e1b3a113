package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.PackedBytes.minus;
import static dev.witnessmark.kernels.decode.PackedBytes.put8;
import static dev.witnessmark.kernels.decode.PackedBytes.twice;
import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.i64;
import static dev.witnessmark.kernels.decode.Stored.u16;
import static dev.witnessmark.kernels.decode.Stored.u8;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Types whose sixteen bytes hold 32 nibbles: byte k has the low bits of elements k and k + 16. What
 * else makes a code of a nibble, a fifth bit, a table or a zero in the middle, comes in a second
 * loop over the codes.
 */
final class NibbleUnpackers {

  private static final VectorSpecies<Short> RUN = Lanes.SHORTS;
  private static final VectorSpecies<Byte> SIXTEEN = Lanes.BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final short BOTH_LOW_NIBBLES = 0x0f0f;
  private static final long LOW_NIBBLES = 0x0f * PackedBytes.ONES;

  /** Scales of NVFP4 by their byte. */
  private static final float[] NVFP4_SCALES = nvfp4Scales();

  private NibbleUnpackers() {}

  static void q4_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 18L * block));
    }
    nibbles(stored, at + 2, 18, blocks, into.codes, 0);
    for (int i = 0; i < 32 * blocks; i += SIXTEEN.length()) {
      ByteVector.fromMemorySegment(SIXTEEN, into.codes, i, LITTLE)
          .sub((byte) 8)
          .intoMemorySegment(into.codes, i, LITTLE);
    }
  }

  static void q4_1(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 20L * block));
      into.offset32(block, f16(stored, at + 20L * block + 2));
    }
    nibbles(stored, at + 4, 20, blocks, into.codes, 0);
  }

  static void q5_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 22L * block));
    }
    nibbles(stored, at + 6, 22, blocks, into.codes, 0);
    for (int half = 0; half < 2 * blocks; half++) {
      // A clear fifth bit is 16 less: of the 32 codes the middle one is 0.
      int clear = ~u16(stored, at + 22L * (half >>> 1) + 2 + 2L * (half & 1)) & 0xffff;
      ByteVector.fromMemorySegment(SIXTEEN, into.codes, 16L * half, LITTLE)
          .lanewise(VectorOperators.SUB, (byte) 16, VectorMask.fromLong(SIXTEEN, clear))
          .intoMemorySegment(into.codes, 16L * half, LITTLE);
    }
  }

  static void q5_1(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 24L * block));
      into.offset32(block, f16(stored, at + 24L * block + 2));
    }
    nibbles(stored, at + 8, 24, blocks, into.codes, 0);
    for (int half = 0; half < 2 * blocks; half++) {
      int set = u16(stored, at + 24L * (half >>> 1) + 4 + 2L * (half & 1));
      ByteVector.fromMemorySegment(SIXTEEN, into.codes, 16L * half, LITTLE)
          .lanewise(VectorOperators.ADD, (byte) 16, VectorMask.fromLong(SIXTEEN, set))
          .intoMemorySegment(into.codes, 16L * half, LITTLE);
    }
  }

  static void iq4Nl(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Nl(stored, at, blocks, Codebooks.IQ4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void iq4NlGaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Nl(stored, at, blocks, Codebooks.IQ4_NL_GAPS, into);
  }

  private static void iq4Nl(
      MemorySegment stored, long at, int blocks, byte[] table, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 18L * block));
    }
    nibbles(stored, at + 2, 18, blocks, into.codes, 0);
    lookUp(table, 32 * blocks, into.codes);
  }

  static void iq4Xs(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Xs(stored, at, blocks, Codebooks.IQ4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void iq4XsGaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Xs(stored, at, blocks, Codebooks.IQ4_XS_GAPS, into);
  }

  private static void iq4Xs(
      MemorySegment stored, long at, int blocks, byte[] table, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 136L * block;
      into.blockScales[block] = f16(stored, from);
      long lowBits = PackedBytes.nibbles(i32(stored, from + 4));
      long highBits = PackedBytes.pairsOfBits(u16(stored, from + 2));
      long scales = minus(lowBits | (highBits << 4), 32);
      put8(into.scaleCodes, 16 * block, twice((int) scales));
      put8(into.scaleCodes, 16 * block + 8, twice((int) (scales >>> 32)));
      nibbles(stored, from + 8, 16, 8, into.codes, 256 * block);
    }
    lookUp(table, 256 * blocks, into.codes);
  }

  static void mxfp4(MemorySegment stored, long at, int blocks, Unpacked into) {
    mxfp4(stored, at, blocks, Codebooks.FP4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void mxfp4Gaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    mxfp4(stored, at, blocks, Codebooks.FP4_GAPS, into);
  }

  private static void mxfp4(
      MemorySegment stored, long at, int blocks, byte[] table, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, powerOfTwo(u8(stored, at + 17L * block)));
    }
    nibbles(stored, at + 1, 17, blocks, into.codes, 0);
    lookUp(table, 32 * blocks, into.codes);
  }

  static void nvfp4(MemorySegment stored, long at, int blocks, Unpacked into) {
    nvfp4(stored, at, blocks, Codebooks.FP4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void nvfp4Gaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    nvfp4(stored, at, blocks, Codebooks.FP4_GAPS, into);
  }

  /** Groups of 16 elements in eight bytes: byte k has elements k and k + 8. */
  private static void nvfp4(
      MemorySegment stored, long at, int blocks, byte[] table, Unpacked into) {
    for (int group = 0; group < 4 * blocks; group++) {
      long from = at + 36L * (group >>> 2);
      into.scales[group] = NVFP4_SCALES[u8(stored, from + (group & 3))];
      long bytes = i64(stored, from + 4 + 8L * (group & 3));
      put8(into.codes, 16 * group, bytes & LOW_NIBBLES);
      put8(into.codes, 16 * group + 8, (bytes >>> 4) & LOW_NIBBLES);
    }
    lookUp(table, 64 * blocks, into.codes);
  }

  /**
   * The nibbles of all blocks, the sixteen bytes of the first one at {@code at} and the others each
   * {@code stride} bytes on. A vector may be longer than sixteen bytes: what it reads too much is
   * stored where the next block follows, and the last block is done without vectors.
   */
  private static void nibbles(
      MemorySegment stored, long at, int stride, int blocks, MemorySegment codes, int to) {
    int vectors = RUN.vectorByteSize() < 16 ? 0 : blocks - 1;
    for (int block = 0; block < vectors; block++) {
      ShortVector pairs =
          ShortVector.fromMemorySegment(RUN, stored, at + (long) stride * block, LITTLE);
      pairs.and(BOTH_LOW_NIBBLES).intoMemorySegment(codes, to + 32L * block, LITTLE);
      pairs
          .lanewise(VectorOperators.LSHR, 4)
          .and(BOTH_LOW_NIBBLES)
          .intoMemorySegment(codes, to + 32L * block + 16, LITTLE);
    }
    for (int block = vectors; block < blocks; block++) {
      nibbles(stored, at + (long) stride * block, codes, to + 32 * block);
    }
  }

  /** The nibbles of sixteen bytes, the low ones first. */
  private static void nibbles(MemorySegment stored, long at, MemorySegment codes, int to) {
    long first = i64(stored, at);
    long second = i64(stored, at + 8);
    put8(codes, to, first & LOW_NIBBLES);
    put8(codes, to + 8, second & LOW_NIBBLES);
    put8(codes, to + 16, (first >>> 4) & LOW_NIBBLES);
    put8(codes, to + 24, (second >>> 4) & LOW_NIBBLES);
  }

  /** Replaces codes by their values in a table of 16. */
  private static void lookUp(byte[] table, int count, MemorySegment codes) {
    for (int i = 0; i < count; i += SIXTEEN.length()) {
      ByteVector.fromMemorySegment(SIXTEEN, codes, i, LITTLE)
          .selectFrom(ByteVector.fromArray(SIXTEEN, table, 0))
          .intoMemorySegment(codes, i, LITTLE);
    }
  }

  /** 2^(exponent - 128); the two smallest are subnormal. */
  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat(exponent > 1 ? (exponent - 1) << 23 : 1 << (21 + exponent));
  }

  private static float[] nvfp4Scales() {
    float[] scales = new float[256];
    for (int code = 0; code < scales.length; code++) {
      // Bits of an E4M3 number without its sign, moved to those of a float, times 2^(127 - 7 - 1).
      float scale = Float.intBitsToFloat((code & 127) << 20) * 0x1p119f;
      scales[code] = code == 127 ? 0 : scale;
    }
    return scales;
  }
}
