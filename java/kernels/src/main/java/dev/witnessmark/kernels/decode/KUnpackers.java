package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.PackedBytes.ONES;
import static dev.witnessmark.kernels.decode.PackedBytes.minus;
import static dev.witnessmark.kernels.decode.PackedBytes.put8;
import static dev.witnessmark.kernels.decode.PackedBytes.twice;
import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.f32;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.i64;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Types with blocks of 256 elements whose codes are bit fields of runs of 32 bytes, and the plain
 * bytes of Q8. Bytes are shifted as pairs; what crosses over is masked. A code is made negative
 * like in {@link PackedBytes#minus}.
 *
 * <p>Every type has one flat loop for its codes, whose body is there once, and then one for its
 * scales, and no vector is passed to a method: longer bodies, nested loops around vectors and
 * helpers exceed what the compiler inlines sooner or later, and then every vector is an object.
 */
final class KUnpackers {

  private static final VectorSpecies<Short> RUN = Lanes.SHORTS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** Vectors in a run of 32 bytes as a power of two. */
  private static final int LOG_PARTS = 5 - Integer.numberOfTrailingZeros(RUN.vectorByteSize());

  private static final int PART_MASK = (1 << LOG_PARTS) - 1;

  /** Masks of both bytes of a pair. */
  private static final short TWO_BITS = 0x0303;

  private static final short THIRD_BIT = 0x0404;
  private static final short FOUR_BITS = 0x0f0f;
  private static final short FIFTH_BIT = 0x1010;
  private static final short FIFTH_AND_SIXTH_BIT = 0x3030;

  /** Added to a pair, followed by {@link #SIGNS}: minus 1, 4 or 32 in both bytes. */
  private static final short MINUS_1 = 0x7f7f;

  private static final short MINUS_4 = 0x7c7c;
  private static final short MINUS_32 = 0x6060;
  private static final short SIGNS = (short) 0x8080;

  private KUnpackers() {}

  static void q2k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << (1 + LOG_PARTS); part++) {
      int run = part >>> LOG_PARTS;
      int i = (part & PART_MASK) * RUN.vectorByteSize();
      ShortVector q =
          ShortVector.fromMemorySegment(
              RUN, stored, at + 84L * (run >>> 1) + 16 + 32L * (run & 1) + i, LITTLE);
      int to = 128 * run + i;
      q.and(TWO_BITS).intoMemorySegment(into.codes, to, LITTLE);
      q.lanewise(LSHR, 2).and(TWO_BITS).intoMemorySegment(into.codes, to + 32, LITTLE);
      q.lanewise(LSHR, 4).and(TWO_BITS).intoMemorySegment(into.codes, to + 64, LITTLE);
      q.lanewise(LSHR, 6).and(TWO_BITS).intoMemorySegment(into.codes, to + 96, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      long from = at + 84L * block;
      int factors = i32(stored, from + 80);
      into.blockScales[block] = Float.float16ToFloat((short) factors);
      into.blockOffsets[block] = -Float.float16ToFloat((short) (factors >>> 16));
      for (int half = 0; half < 16; half += 8) {
        long nibbles = i64(stored, from + half);
        put8(into.scaleCodes, 16 * block + half, nibbles & 0x0f * ONES);
        put8(into.offsetCodes, 16 * block + half, (nibbles >>> 4) & 0x0f * ONES);
      }
    }
  }

  static void q3k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << (2 + LOG_PARTS); part++) {
      int run = part >>> LOG_PARTS;
      int i = (part & PART_MASK) * RUN.vectorByteSize();
      long from = at + 110L * (run >>> 2) + i;
      ShortVector q =
          ShortVector.fromMemorySegment(RUN, stored, from + 32 + 16L * (run & 2), LITTLE)
              .lanewise(LSHR, (run & 1) << 2);
      // A set bit of h means that nothing is subtracted: it is bit 2 of a code that is 4 too big.
      ShortVector h =
          ShortVector.fromMemorySegment(RUN, stored, from, LITTLE).lanewise(LSHR, (run & 3) << 1);
      int to = 64 * run + i;
      q.and(TWO_BITS)
          .or(h.lanewise(LSHL, 2).and(THIRD_BIT))
          .add(MINUS_4)
          .lanewise(XOR, SIGNS)
          .intoMemorySegment(into.codes, to, LITTLE);
      q.lanewise(LSHR, 2)
          .and(TWO_BITS)
          .or(h.lanewise(LSHL, 1).and(THIRD_BIT))
          .add(MINUS_4)
          .lanewise(XOR, SIGNS)
          .intoMemorySegment(into.codes, to + 32, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      long from = at + 110L * block;
      into.blockScales[block] = f16(stored, from + 108);
      long low = i64(stored, from + 96);
      long high = i32(stored, from + 104) & 0xffff_ffffL;
      // Bits 0 and 1 of the four bytes belong to scales 0 to 3, bits 2 and 3 to 4 to 7, and so on.
      high |= high << 30;
      put8(
          into.scaleCodes,
          16 * block,
          minus((low & 0x0f * ONES) | ((high & 0x03 * ONES) << 4), 32));
      put8(
          into.scaleCodes,
          16 * block + 8,
          minus(((low >>> 4) & 0x0f * ONES) | (((high >>> 4) & 0x03 * ONES) << 4), 32));
    }
  }

  static void q4k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << (2 + LOG_PARTS); part++) {
      int run = part >>> LOG_PARTS;
      int i = (part & PART_MASK) * RUN.vectorByteSize();
      ShortVector q =
          ShortVector.fromMemorySegment(
              RUN, stored, at + 144L * (run >>> 2) + 16 + 32L * (run & 3) + i, LITTLE);
      int to = 64 * run + i;
      q.and(FOUR_BITS).intoMemorySegment(into.codes, to, LITTLE);
      q.lanewise(LSHR, 4).and(FOUR_BITS).intoMemorySegment(into.codes, to + 32, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      sixBitCodes(stored, at + 144L * block, block, into);
    }
  }

  static void q5k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << (2 + LOG_PARTS); part++) {
      int run = part >>> LOG_PARTS;
      int i = (part & PART_MASK) * RUN.vectorByteSize();
      long from = at + 176L * (run >>> 2) + i;
      ShortVector q =
          ShortVector.fromMemorySegment(RUN, stored, from + 48 + 32L * (run & 3), LITTLE);
      ShortVector h =
          ShortVector.fromMemorySegment(RUN, stored, from + 16, LITTLE)
              .lanewise(LSHR, (run & 3) << 1);
      int to = 64 * run + i;
      q.and(FOUR_BITS)
          .or(h.lanewise(LSHL, 4).and(FIFTH_BIT))
          .intoMemorySegment(into.codes, to, LITTLE);
      q.lanewise(LSHR, 4)
          .and(FOUR_BITS)
          .or(h.lanewise(LSHL, 3).and(FIFTH_BIT))
          .intoMemorySegment(into.codes, to + 32, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      sixBitCodes(stored, at + 176L * block, block, into);
    }
  }

  static void q6k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << (2 + LOG_PARTS); part++) {
      int run = part >>> LOG_PARTS;
      int i = (part & PART_MASK) * RUN.vectorByteSize();
      int high = 4 * (run & 1);
      long from = at + 210L * (run >>> 2) + i;
      ShortVector a =
          ShortVector.fromMemorySegment(RUN, stored, from + 32L * (run & 2), LITTLE)
              .lanewise(LSHR, high);
      ShortVector b =
          ShortVector.fromMemorySegment(RUN, stored, from + 32L * (run & 2) + 32, LITTLE)
              .lanewise(LSHR, high);
      ShortVector h =
          ShortVector.fromMemorySegment(RUN, stored, from + 128 + 16L * (run & 2), LITTLE)
              .lanewise(LSHR, high);
      int to = 64 * run + i;
      a.and(FOUR_BITS)
          .or(h.lanewise(LSHL, 4).and(FIFTH_AND_SIXTH_BIT))
          .add(MINUS_32)
          .lanewise(XOR, SIGNS)
          .intoMemorySegment(into.codes, to, LITTLE);
      b.and(FOUR_BITS)
          .or(h.lanewise(LSHL, 2).and(FIFTH_AND_SIXTH_BIT))
          .add(MINUS_32)
          .lanewise(XOR, SIGNS)
          .intoMemorySegment(into.codes, to + 32, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      long from = at + 210L * block;
      into.blockScales[block] = f16(stored, from + 208);
      put8(into.scaleCodes, 16 * block, i64(stored, from + 192));
      put8(into.scaleCodes, 16 * block + 8, i64(stored, from + 200));
    }
  }

  static void tq2_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << (1 + LOG_PARTS); part++) {
      int run = part >>> LOG_PARTS;
      int i = (part & PART_MASK) * RUN.vectorByteSize();
      ShortVector q =
          ShortVector.fromMemorySegment(
              RUN, stored, at + 66L * (run >>> 1) + 32L * (run & 1) + i, LITTLE);
      int to = 128 * run + i;
      q.and(TWO_BITS).add(MINUS_1).lanewise(XOR, SIGNS).intoMemorySegment(into.codes, to, LITTLE);
      q.lanewise(LSHR, 2)
          .and(TWO_BITS)
          .add(MINUS_1)
          .lanewise(XOR, SIGNS)
          .intoMemorySegment(into.codes, to + 32, LITTLE);
      q.lanewise(LSHR, 4)
          .and(TWO_BITS)
          .add(MINUS_1)
          .lanewise(XOR, SIGNS)
          .intoMemorySegment(into.codes, to + 64, LITTLE);
      q.lanewise(LSHR, 6)
          .and(TWO_BITS)
          .add(MINUS_1)
          .lanewise(XOR, SIGNS)
          .intoMemorySegment(into.codes, to + 96, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      into.blockScales[block] = f16(stored, at + 66L * block + 64);
      put8(into.scaleCodes, 16 * block, ONES);
      put8(into.scaleCodes, 16 * block + 8, ONES);
    }
  }

  static void q8k(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << (3 + LOG_PARTS); part++) {
      int i = part * RUN.vectorByteSize();
      ShortVector.fromMemorySegment(RUN, stored, at + 292L * (i >>> 8) + 4 + (i & 255), LITTLE)
          .intoMemorySegment(into.codes, i, LITTLE);
    }
    for (int group = 0; group < 16 * blocks; group++) {
      into.scales[group] = f32(stored, at + 292L * (group >>> 4));
    }
  }

  static void q8_0(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << LOG_PARTS; part++) {
      int i = part * RUN.vectorByteSize();
      ShortVector.fromMemorySegment(RUN, stored, at + 34L * (i >>> 5) + 2 + (i & 31), LITTLE)
          .intoMemorySegment(into.codes, i, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 34L * block));
    }
  }

  static void q8_1(MemorySegment stored, long at, int blocks, Unpacked into) {
    for (int part = 0; part < blocks << LOG_PARTS; part++) {
      int i = part * RUN.vectorByteSize();
      ShortVector.fromMemorySegment(RUN, stored, at + 36L * (i >>> 5) + 4 + (i & 31), LITTLE)
          .intoMemorySegment(into.codes, i, LITTLE);
    }
    for (int block = 0; block < blocks; block++) {
      into.scale32(block, f16(stored, at + 36L * block));
    }
  }

  /**
   * The scale, the minimum, and the eight 6-bit codes of each, every one for two groups of 16, that
   * Q4_K and Q5_K begin with. Bytes 4 to 7 and 8 to 11 have the first four codes of each in their
   * low six bits and the top two bits of the last four above; bytes 12 to 15 have the low nibbles
   * of those.
   */
  private static void sixBitCodes(MemorySegment stored, long at, int block, Unpacked into) {
    long first = i64(stored, at);
    long second = i64(stored, at + 8);
    into.blockScales[block] = Float.float16ToFloat((short) first);
    into.blockOffsets[block] = -Float.float16ToFloat((short) (first >>> 16));
    int a = (int) (first >>> 32);
    int b = (int) second;
    int c = (int) (second >>> 32);
    int to = 16 * block;
    put8(into.scaleCodes, to, twice(a & 0x3f3f3f3f));
    put8(into.scaleCodes, to + 8, twice((c & 0x0f0f0f0f) | ((a >>> 2) & 0x30303030)));
    put8(into.offsetCodes, to, twice(b & 0x3f3f3f3f));
    put8(into.offsetCodes, to + 8, twice(((c >>> 4) & 0x0f0f0f0f) | ((b >>> 2) & 0x30303030)));
  }
}
