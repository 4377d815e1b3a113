package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.PackedBytes.ONES;
import static dev.witnessmark.kernels.decode.PackedBytes.minus;
import static dev.witnessmark.kernels.decode.PackedBytes.put8;
import static dev.witnessmark.kernels.decode.PackedBytes.twice;
import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.f32;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.i64;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Types with blocks of 256 elements whose codes are bit fields of runs of 32 bytes, and the plain
 * bytes of Q8. Bytes are shifted as pairs; what crosses over is masked.
 */
final class KUnpackers {

  private static final VectorSpecies<Byte> RUN = Lanes.UP_TO_32_BYTES;
  private static final int RUN_BYTES = 32;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  private KUnpackers() {}

  static void q2k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 84) {
      into.blockScales[block] = f16(stored, at + 80);
      into.blockOffsets[block] = -f16(stored, at + 82);
      for (int half = 0; half < 16; half += 8) {
        long nibbles = i64(stored, at + half);
        put8(into.scaleCodes, 16 * block + half, nibbles & 0x0f * ONES);
        put8(into.offsetCodes, 16 * block + half, (nibbles >>> 4) & 0x0f * ONES);
      }
      for (int half = 0; half < 2; half++) {
        for (int i = 0; i < RUN_BYTES; i += RUN.length()) {
          ByteVector q = load(stored, at + 16 + 32L * half + i);
          int to = 256 * block + 128 * half + i;
          q.and((byte) 3).intoArray(into.codes, to);
          right(q, 2).and((byte) 3).intoArray(into.codes, to + 32);
          right(q, 4).and((byte) 3).intoArray(into.codes, to + 64);
          right(q, 6).and((byte) 3).intoArray(into.codes, to + 96);
        }
      }
    }
  }

  static void q3k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 110) {
      into.blockScales[block] = f16(stored, at + 108);
      long low = i64(stored, at + 96);
      long high = i32(stored, at + 104) & 0xffff_ffffL;
      high |= high << 30;
      put8(
          into.scaleCodes,
          16 * block,
          minus((low & 0x0f * ONES) | ((high & 0x03 * ONES) << 4), 32));
      put8(
          into.scaleCodes,
          16 * block + 8,
          minus(((low >>> 4) & 0x0f * ONES) | (((high >>> 4) & 0x03 * ONES) << 4), 32));
      for (int i = 0; i < RUN_BYTES; i += RUN.length()) {
        // A set bit of h means that nothing is subtracted: it is bit 2 of a code that is 4 too big.
        ByteVector h = load(stored, at + i);
        int to = 256 * block + i;
        ByteVector q = load(stored, at + 32 + i);
        thirdBit(q, left(h, 2)).intoArray(into.codes, to);
        thirdBit(right(q, 2), left(h, 1)).intoArray(into.codes, to + 32);
        thirdBit(right(q, 4), h).intoArray(into.codes, to + 64);
        thirdBit(right(q, 6), right(h, 1)).intoArray(into.codes, to + 96);
        q = load(stored, at + 64 + i);
        thirdBit(q, right(h, 2)).intoArray(into.codes, to + 128);
        thirdBit(right(q, 2), right(h, 3)).intoArray(into.codes, to + 160);
        thirdBit(right(q, 4), right(h, 4)).intoArray(into.codes, to + 192);
        thirdBit(right(q, 6), right(h, 5)).intoArray(into.codes, to + 224);
      }
    }
  }

  static void q4k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 144) {
      into.blockScales[block] = f16(stored, at);
      into.blockOffsets[block] = -f16(stored, at + 2);
      sixBitCodes(stored, at + 4, 16 * block, into);
      for (int run = 0; run < 4; run++) {
        for (int i = 0; i < RUN_BYTES; i += RUN.length()) {
          ByteVector q = load(stored, at + 16 + 32L * run + i);
          int to = 256 * block + 64 * run + i;
          q.and((byte) 15).intoArray(into.codes, to);
          right(q, 4).and((byte) 15).intoArray(into.codes, to + 32);
        }
      }
    }
  }

  static void q5k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 176) {
      into.blockScales[block] = f16(stored, at);
      into.blockOffsets[block] = -f16(stored, at + 2);
      sixBitCodes(stored, at + 4, 16 * block, into);
      for (int i = 0; i < RUN_BYTES; i += RUN.length()) {
        ByteVector h = load(stored, at + 16 + i);
        long qs = at + 48 + i;
        int to = 256 * block + i;
        ByteVector q = load(stored, qs);
        fifthBit(q, left(h, 4)).intoArray(into.codes, to);
        fifthBit(right(q, 4), left(h, 3)).intoArray(into.codes, to + 32);
        q = load(stored, qs + 32);
        fifthBit(q, left(h, 2)).intoArray(into.codes, to + 64);
        fifthBit(right(q, 4), left(h, 1)).intoArray(into.codes, to + 96);
        q = load(stored, qs + 64);
        fifthBit(q, h).intoArray(into.codes, to + 128);
        fifthBit(right(q, 4), right(h, 1)).intoArray(into.codes, to + 160);
        q = load(stored, qs + 96);
        fifthBit(q, right(h, 2)).intoArray(into.codes, to + 192);
        fifthBit(right(q, 4), right(h, 3)).intoArray(into.codes, to + 224);
      }
    }
  }

  static void q6k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 210) {
      into.blockScales[block] = f16(stored, at + 208);
      put8(into.scaleCodes, 16 * block, i64(stored, at + 192));
      put8(into.scaleCodes, 16 * block + 8, i64(stored, at + 200));
      for (int half = 0; half < 2; half++) {
        for (int i = 0; i < RUN_BYTES; i += RUN.length()) {
          ByteVector a = load(stored, at + 64L * half + i);
          ByteVector b = load(stored, at + 64L * half + 32 + i);
          ByteVector h = load(stored, at + 128 + 32L * half + i);
          int to = 256 * block + 128 * half + i;
          twoMoreBits(a, left(h, 4)).intoArray(into.codes, to);
          twoMoreBits(b, left(h, 2)).intoArray(into.codes, to + 32);
          twoMoreBits(right(a, 4), h).intoArray(into.codes, to + 64);
          twoMoreBits(right(b, 4), right(h, 2)).intoArray(into.codes, to + 96);
        }
      }
    }
  }

  static void q8k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 292) {
      float scale = f32(stored, at);
      for (int group = 16 * block; group < 16 * block + 16; group++) {
        into.scales[group] = scale;
      }
      for (int i = 0; i < 256; i += RUN.length()) {
        load(stored, at + 4 + i).intoArray(into.codes, 256 * block + i);
      }
    }
  }

  static void q8_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 34) {
      bytes(stored, at, at + 2, block, into);
    }
  }

  static void q8_1(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 36) {
      bytes(stored, at, at + 4, block, into);
    }
  }

  static void tq2_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int block = 0; block < blocks; block++, at += 66) {
      into.blockScales[block] = f16(stored, at + 64);
      put8(into.scaleCodes, 16 * block, ONES);
      put8(into.scaleCodes, 16 * block + 8, ONES);
      for (int half = 0; half < 2; half++) {
        for (int i = 0; i < RUN_BYTES; i += RUN.length()) {
          ByteVector q = load(stored, at + 32L * half + i);
          int to = 256 * block + 128 * half + i;
          q.and((byte) 3).sub((byte) 1).intoArray(into.codes, to);
          right(q, 2).and((byte) 3).sub((byte) 1).intoArray(into.codes, to + 32);
          right(q, 4).and((byte) 3).sub((byte) 1).intoArray(into.codes, to + 64);
          right(q, 6).and((byte) 3).sub((byte) 1).intoArray(into.codes, to + 96);
        }
      }
    }
  }

  private static void bytes(
      MemorySegment stored, long scaleAt, long codesAt, int block, Unpacked into) {
    float scale = f16(stored, scaleAt);
    into.scales[2 * block] = scale;
    into.scales[2 * block + 1] = scale;
    for (int i = 0; i < RUN_BYTES; i += RUN.length()) {
      load(stored, codesAt + i).intoArray(into.codes, RUN_BYTES * block + i);
    }
  }

  /**
   * The eight 6-bit scales and minima of Q4_K and Q5_K, each for two groups of 16. Bytes 0 to 3 and
   * 4 to 7 have the first four of each in their low six bits and the top two bits of the last four
   * above; bytes 8 to 11 have the low nibbles of those.
   */
  private static void sixBitCodes(MemorySegment stored, long at, int group, Unpacked into) {
    int a = i32(stored, at);
    int b = i32(stored, at + 4);
    int c = i32(stored, at + 8);
    put8(into.scaleCodes, group, twice(a & 0x3f3f3f3f));
    put8(into.scaleCodes, group + 8, twice((c & 0x0f0f0f0f) | ((a >>> 2) & 0x30303030)));
    put8(into.offsetCodes, group, twice(b & 0x3f3f3f3f));
    put8(into.offsetCodes, group + 8, twice(((c >>> 4) & 0x0f0f0f0f) | ((b >>> 2) & 0x30303030)));
  }

  /** Bits 0 and 1 of {@code q} and bit 2 of {@code h}, minus 4. */
  private static ByteVector thirdBit(ByteVector q, ByteVector h) {
    return q.and((byte) 3).or(h.and((byte) 4)).sub((byte) 4);
  }

  /** Bits 0 to 3 of {@code q} and bit 4 of {@code h}. */
  private static ByteVector fifthBit(ByteVector q, ByteVector h) {
    return q.and((byte) 15).or(h.and((byte) 16));
  }

  /** Bits 0 to 3 of {@code q} and bits 4 and 5 of {@code h}, minus 32. */
  private static ByteVector twoMoreBits(ByteVector q, ByteVector h) {
    return q.and((byte) 15).or(h.and((byte) 48)).sub((byte) 32);
  }

  private static ByteVector load(MemorySegment stored, long at) {
    return ByteVector.fromMemorySegment(RUN, stored, at, LITTLE);
  }

  private static ByteVector left(ByteVector bytes, int bits) {
    return bytes.reinterpretAsShorts().lanewise(VectorOperators.LSHL, bits).reinterpretAsBytes();
  }

  private static ByteVector right(ByteVector bytes, int bits) {
    return bytes.reinterpretAsShorts().lanewise(VectorOperators.LSHR, bits).reinterpretAsBytes();
  }
}
