package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.i32;
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
 * Types whose sixteen bytes hold 32 nibbles: byte k has the low bits of elements k and k + 16. The
 * bytes are shifted as pairs; what crosses over is masked. A fifth bit or a table comes in a second
 * loop over the codes.
 */
final class NibbleUnpackers {

  private static final VectorSpecies<Byte> SIXTEEN = Lanes.SIXTEEN_BYTES;
  private static final VectorSpecies<Short> EIGHT = Lanes.EIGHT_SHORTS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** Scales of NVFP4 by their byte. */
  private static final float[] NVFP4_SCALES = nvfp4Scales();

  private NibbleUnpackers() {}

  static void q4_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 18L * block));
    }
    for (int block = 0; block < blocks; block++) {
      ShortVector pairs =
          ShortVector.fromMemorySegment(EIGHT, stored, at + 18L * block + 2, LITTLE);
      minus8(low(pairs)).intoMemorySegment(into.codes, 32L * block, LITTLE);
      minus8(high(pairs)).intoMemorySegment(into.codes, 32L * block + 16, LITTLE);
    }
  }

  static void q4_1(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 20L * block));
      into.offset32(block, f16(stored, at + 20L * block + 2));
    }
    nibbles(stored, at + 4, 20, blocks, into.codes);
  }

  static void q5_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 22L * block));
    }
    nibbles(stored, at + 6, 22, blocks, into.codes);
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
    nibbles(stored, at + 8, 24, blocks, into.codes);
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
    nibbles(stored, at + 2, 18, blocks, into.codes);
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
      long scales = PackedBytes.minus(lowBits | (highBits << 4), 32);
      PackedBytes.put8(into.scaleCodes, 16 * block, PackedBytes.twice((int) scales));
      PackedBytes.put8(into.scaleCodes, 16 * block + 8, PackedBytes.twice((int) (scales >>> 32)));
    }
    for (int group = 0; group < 8 * blocks; group++) {
      long from = at + 136L * (group >>> 3) + 8 + 16L * (group & 7);
      ShortVector pairs = ShortVector.fromMemorySegment(EIGHT, stored, from, LITTLE);
      low(pairs).intoMemorySegment(into.codes, 32L * group, LITTLE);
      high(pairs).intoMemorySegment(into.codes, 32L * group + 16, LITTLE);
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
    nibbles(stored, at + 1, 17, blocks, into.codes);
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
      long bytes = Stored.i64(stored, from + 4 + 8L * (group & 3));
      PackedBytes.put8(into.codes, 16 * group, bytes & 0x0f * PackedBytes.ONES);
      PackedBytes.put8(into.codes, 16 * group + 8, (bytes >>> 4) & 0x0f * PackedBytes.ONES);
    }
    lookUp(table, 64 * blocks, into.codes);
  }

  /**
   * The nibbles of blocks that are {@code stride} bytes apart, from the first one's at {@code at}.
   */
  private static void nibbles(
      MemorySegment stored, long at, int stride, int blocks, MemorySegment codes) {
    for (int block = 0; block < blocks; block++) {
      ShortVector pairs =
          ShortVector.fromMemorySegment(EIGHT, stored, at + (long) stride * block, LITTLE);
      low(pairs).intoMemorySegment(codes, 32L * block, LITTLE);
      high(pairs).intoMemorySegment(codes, 32L * block + 16, LITTLE);
    }
  }

  /** Replaces codes by their values in a table of 16. */
  private static void lookUp(byte[] table, int count, MemorySegment codes) {
    for (int i = 0; i < count; i += SIXTEEN.length()) {
      ByteVector.fromMemorySegment(SIXTEEN, codes, i, LITTLE)
          .selectFrom(ByteVector.fromArray(SIXTEEN, table, 0))
          .intoMemorySegment(codes, i, LITTLE);
    }
  }

  private static ShortVector low(ShortVector pairs) {
    return pairs.and((short) 0x0f0f);
  }

  private static ShortVector high(ShortVector pairs) {
    return pairs.lanewise(VectorOperators.LSHR, 4).and((short) 0x0f0f);
  }

  /** Every byte minus 8; see {@link PackedBytes#minus}. */
  private static ShortVector minus8(ShortVector pairs) {
    return pairs.add((short) 0x7878).lanewise(VectorOperators.XOR, (short) 0x8080);
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
