package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.u16;
import static dev.witnessmark.kernels.decode.Stored.u8;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Types whose sixteen bytes hold 32 nibbles: byte k has the low bits of elements k and k + 16. The
 * bytes are shifted as pairs; what crosses over is masked.
 */
final class NibbleUnpackers {

  private static final VectorSpecies<Byte> SIXTEEN = Lanes.SIXTEEN_BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteVector IQ4 = ByteVector.fromArray(SIXTEEN, Codebooks.IQ4, 0);
  private static final ByteVector FP4 = ByteVector.fromArray(SIXTEEN, Codebooks.FP4, 0);
  private static final ByteVector IQ4_NL_GAPS =
      ByteVector.fromArray(SIXTEEN, Codebooks.IQ4_NL_GAPS, 0);
  private static final ByteVector IQ4_XS_GAPS =
      ByteVector.fromArray(SIXTEEN, Codebooks.IQ4_XS_GAPS, 0);
  private static final ByteVector FP4_GAPS = ByteVector.fromArray(SIXTEEN, Codebooks.FP4_GAPS, 0);

  /** Scales of NVFP4 by their byte. */
  private static final float[] NVFP4_SCALES = nvfp4Scales();

  private NibbleUnpackers() {}

  static void q4_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 18L * block;
      into.scale32(block, f16(stored, from));
      ByteVector bytes = ByteVector.fromMemorySegment(SIXTEEN, stored, from + 2, LITTLE);
      low(bytes).sub((byte) 8).intoArray(into.codes, 32 * block);
      high(bytes).sub((byte) 8).intoArray(into.codes, 32 * block + 16);
    }
  }

  static void q4_1(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 20L * block;
      into.scale32(block, f16(stored, from));
      into.offset32(block, f16(stored, from + 2));
      ByteVector bytes = ByteVector.fromMemorySegment(SIXTEEN, stored, from + 4, LITTLE);
      low(bytes).intoArray(into.codes, 32 * block);
      high(bytes).intoArray(into.codes, 32 * block + 16);
    }
  }

  static void q5_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 22L * block;
      into.scale32(block, f16(stored, from));
      int clear = ~i32(stored, from + 2);
      ByteVector bytes = ByteVector.fromMemorySegment(SIXTEEN, stored, from + 6, LITTLE);
      low(bytes)
          .lanewise(VectorOperators.SUB, (byte) 16, VectorMask.fromLong(SIXTEEN, clear & 0xffff))
          .intoArray(into.codes, 32 * block);
      high(bytes)
          .lanewise(VectorOperators.SUB, (byte) 16, VectorMask.fromLong(SIXTEEN, clear >>> 16))
          .intoArray(into.codes, 32 * block + 16);
    }
  }

  static void q5_1(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 24L * block;
      into.scale32(block, f16(stored, from));
      into.offset32(block, f16(stored, from + 2));
      int set = i32(stored, from + 4);
      ByteVector bytes = ByteVector.fromMemorySegment(SIXTEEN, stored, from + 8, LITTLE);
      low(bytes)
          .lanewise(VectorOperators.ADD, (byte) 16, VectorMask.fromLong(SIXTEEN, set & 0xffff))
          .intoArray(into.codes, 32 * block);
      high(bytes)
          .lanewise(VectorOperators.ADD, (byte) 16, VectorMask.fromLong(SIXTEEN, set >>> 16))
          .intoArray(into.codes, 32 * block + 16);
    }
  }

  static void iq4Nl(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Nl(stored, at, blocks, IQ4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void iq4NlGaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Nl(stored, at, blocks, IQ4_NL_GAPS, into);
  }

  private static void iq4Nl(
      MemorySegment stored, long at, int blocks, ByteVector table, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 18L * block;
      into.scale32(block, f16(stored, from));
      ByteVector bytes = ByteVector.fromMemorySegment(SIXTEEN, stored, from + 2, LITTLE);
      low(bytes).selectFrom(table).intoArray(into.codes, 32 * block);
      high(bytes).selectFrom(table).intoArray(into.codes, 32 * block + 16);
    }
  }

  static void iq4Xs(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Xs(stored, at, blocks, IQ4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void iq4XsGaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    iq4Xs(stored, at, blocks, IQ4_XS_GAPS, into);
  }

  private static void iq4Xs(
      MemorySegment stored, long at, int blocks, ByteVector table, Unpacked into) {
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
      ByteVector bytes =
          ByteVector.fromMemorySegment(
              SIXTEEN, stored, at + 136L * (group >>> 3) + 8 + 16L * (group & 7), LITTLE);
      low(bytes).selectFrom(table).intoArray(into.codes, 32 * group);
      high(bytes).selectFrom(table).intoArray(into.codes, 32 * group + 16);
    }
  }

  static void mxfp4(MemorySegment stored, long at, int blocks, Unpacked into) {
    mxfp4(stored, at, blocks, FP4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void mxfp4Gaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    mxfp4(stored, at, blocks, FP4_GAPS, into);
  }

  private static void mxfp4(
      MemorySegment stored, long at, int blocks, ByteVector table, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 17L * block;
      into.scale32(block, powerOfTwo(u8(stored, from)));
      ByteVector bytes = ByteVector.fromMemorySegment(SIXTEEN, stored, from + 1, LITTLE);
      low(bytes).selectFrom(table).intoArray(into.codes, 32 * block);
      high(bytes).selectFrom(table).intoArray(into.codes, 32 * block + 16);
    }
  }

  static void nvfp4(MemorySegment stored, long at, int blocks, Unpacked into) {
    nvfp4(stored, at, blocks, FP4, into);
  }

  /** The gaps beside the values instead of the values. */
  static void nvfp4Gaps(MemorySegment stored, long at, int blocks, Unpacked into) {
    nvfp4(stored, at, blocks, FP4_GAPS, into);
  }

  /** Groups of 16 elements in eight bytes: byte k has elements k and k + 8. */
  private static void nvfp4(
      MemorySegment stored, long at, int blocks, ByteVector table, Unpacked into) {
    for (int block = 0; block < blocks; block++) {
      long from = at + 36L * block;
      for (int group = 0; group < 4; group++) {
        into.scales[4 * block + group] = NVFP4_SCALES[u8(stored, from + group)];
        long bytes = Stored.i64(stored, from + 4 + 8L * group);
        int to = 64 * block + 16 * group;
        PackedBytes.put8(into.codes, to, bytes & 0x0f * PackedBytes.ONES);
        PackedBytes.put8(into.codes, to + 8, (bytes >>> 4) & 0x0f * PackedBytes.ONES);
      }
    }
    for (int i = 0; i < 64 * blocks; i += 16) {
      ByteVector.fromArray(SIXTEEN, into.codes, i).selectFrom(table).intoArray(into.codes, i);
    }
  }

  private static ByteVector low(ByteVector bytes) {
    return bytes.and((byte) 15);
  }

  private static ByteVector high(ByteVector bytes) {
    return bytes
        .reinterpretAsShorts()
        .lanewise(VectorOperators.LSHR, 4)
        .reinterpretAsBytes()
        .and((byte) 15);
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
