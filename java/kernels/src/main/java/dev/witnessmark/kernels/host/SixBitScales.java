package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Scales and minima of Q4_K and Q5_K: two float16 and eight 6-bit codes of each, for groups of 32,
 * in the first sixteen bytes of a block. The first four minima and the last four go separate ways,
 * A and B.
 *
 * <p>These sixteen bytes are four integers: the two float16; a and b, with the first four scales
 * and minima in the low six bits of their bytes, and the top two bits of the last four above; c,
 * with the low nibbles of those. They are taken out of as many blocks as there are lanes at once.
 */
final class SixBitScales {

  /** Sums of a block, of A as of B. */
  static final int SUMS = 4;

  /** Where the last four minima of all blocks begin, after the first four of all. */
  private static final long MINIMA_B = 4L * Q8Piece.BLOCKS;

  /** Bytes of a block that it keeps in {@link Q8Piece#headers}. */
  static final int HEADER = 16;

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final IntVector EVEN = Q8Piece.EVEN;
  private static final IntVector ODD = Q8Piece.ODD;

  /** The first halves of two vectors, lane by lane in turns, and the second halves. */
  private static final IntVector ZIP_LOW = zip(0);

  private static final IntVector ZIP_HIGH = zip(INTS.length() / 2);

  private static final int SIX_BITS = 0x3f3f3f3f;
  private static final int FOUR_BITS = 0x0f0f0f0f;
  private static final int TOP_TWO_BITS = 0x30303030;

  /** A float16 without its sign where a float32 has its fields. */
  private static final int MAGNITUDE = 0x0fff_e000;

  private static final int SIGN = 1 << 31;
  private static final int NOT_FINITE = 31 << 23;
  private static final int EXPONENT = 0x7f80_0000;

  /** What such a float is too small by. */
  private static final float FACTOR = 0x1p112f;

  private SixBitScales() {}

  private static IntVector zip(int from) {
    int[] lanes = new int[INTS.length()];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = from + i / 2 + i % 2 * lanes.length;
    }
    return IntVector.fromArray(INTS, lanes, 0);
  }

  /** Sums of the groups of 32: those of 0 … 3 and those of 4 … 7. */
  static void prepare(MemorySegment activations, long from, Q8Activations to, long block) {
    for (int group = 0; group < 2 * SUMS; group++) {
      int sum =
          Values.i16At(activations, from + 4L * group)
              + Values.i16At(activations, from + 4L * group + 2);
      Values.setI32(to.sums[group / SUMS], SUMS * block + group % SUMS, sum);
    }
  }

  /** Keeps the headers of a row's blocks. */
  static void copyHeaders(
      MemorySegment weights, long at, int blockBytes, int blocks, MemorySegment headers, long to) {
    for (int block = 0; block < blocks; block++) {
      ByteVector.fromMemorySegment(BYTES, weights, at + (long) blockBytes * block, LITTLE)
          .intoMemorySegment(headers, to + (long) HEADER * block, LITTLE);
    }
  }

  /** Scales and minima as floats, and their codes. */
  static void unpack(int blocks, Q8Piece piece) {
    unpackCodes(piece.headers, blocks, piece.scaleCodes, piece.minima);
    unpackHalves(piece.headers, blocks, piece.scales, piece.offsets);
    multiply(piece.scales, blocks, FACTOR);
    multiply(piece.offsets, blocks, -FACTOR);
  }

  private static void unpackCodes(
      MemorySegment headers, int blocks, MemorySegment scaleCodes, MemorySegment minima) {
    int step = INTS.vectorByteSize();
    for (int k = 0; k < Integer.BYTES * blocks; k += step) {
      int i = k & -step; // see Q8Piece
      IntVector x0 = IntVector.fromMemorySegment(INTS, headers, 4L * i, LITTLE);
      IntVector x1 = IntVector.fromMemorySegment(INTS, headers, 4L * i + step, LITTLE);
      IntVector x2 = IntVector.fromMemorySegment(INTS, headers, 4L * i + 2L * step, LITTLE);
      IntVector x3 = IntVector.fromMemorySegment(INTS, headers, 4L * i + 3L * step, LITTLE);
      IntVector odd01 = ODD.selectFrom(x0, x1);
      IntVector odd23 = ODD.selectFrom(x2, x3);
      IntVector a = EVEN.selectFrom(odd01, odd23);
      IntVector b = ODD.selectFrom(EVEN.selectFrom(x0, x1), EVEN.selectFrom(x2, x3));
      IntVector c = ODD.selectFrom(odd01, odd23);
      IntVector first = a.and(SIX_BITS);
      IntVector last = a.lanewise(VectorOperators.LSHR, 2).and(TOP_TWO_BITS).or(c.and(FOUR_BITS));
      ZIP_LOW.selectFrom(first, last).intoMemorySegment(scaleCodes, 2L * i, LITTLE);
      ZIP_HIGH.selectFrom(first, last).intoMemorySegment(scaleCodes, 2L * i + step, LITTLE);
      b.and(SIX_BITS).intoMemorySegment(minima, i, LITTLE);
      b.lanewise(VectorOperators.LSHR, 2)
          .and(TOP_TWO_BITS)
          .or(c.lanewise(VectorOperators.LSHR, 4).and(FOUR_BITS))
          .intoMemorySegment(minima, i + MINIMA_B, LITTLE);
    }
  }

  private static void unpackHalves(
      MemorySegment headers, int blocks, MemorySegment scales, MemorySegment offsets) {
    int step = INTS.vectorByteSize();
    for (int k = 0; k < Integer.BYTES * blocks; k += step) {
      int i = k & -step; // see Q8Piece
      IntVector x0 = IntVector.fromMemorySegment(INTS, headers, 4L * i, LITTLE);
      IntVector x1 = IntVector.fromMemorySegment(INTS, headers, 4L * i + step, LITTLE);
      IntVector x2 = IntVector.fromMemorySegment(INTS, headers, 4L * i + 2L * step, LITTLE);
      IntVector x3 = IntVector.fromMemorySegment(INTS, headers, 4L * i + 3L * step, LITTLE);
      IntVector halves = EVEN.selectFrom(EVEN.selectFrom(x0, x1), EVEN.selectFrom(x2, x3));
      IntVector scale = halves.lanewise(VectorOperators.LSHL, 13).and(MAGNITUDE);
      scale
          .blend(scale.or(EXPONENT), scale.compare(VectorOperators.GE, NOT_FINITE))
          .or(halves.lanewise(VectorOperators.LSHL, 16).and(SIGN))
          .intoMemorySegment(scales, i, NATIVE);
      IntVector offset = halves.lanewise(VectorOperators.LSHR, 3).and(MAGNITUDE);
      offset
          .blend(offset.or(EXPONENT), offset.compare(VectorOperators.GE, NOT_FINITE))
          .or(halves.and(SIGN))
          .intoMemorySegment(offsets, i, NATIVE);
    }
  }

  private static void multiply(MemorySegment values, int count, float factor) {
    for (int i = 0; i < count; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, values, 4L * i, NATIVE)
          .mul(factor)
          .intoMemorySegment(values, 4L * i, NATIVE);
    }
  }

  /** Four integers for each block, whose sum is that of minima times sums. */
  static void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block) {
    multiplySums(
        piece.minima,
        4 * blocks,
        activations.sums[0],
        activations.sums[1],
        16 * block,
        piece.offsetQuarters);
  }

  private static void multiplySums(
      MemorySegment minima,
      int count,
      MemorySegment sumsA,
      MemorySegment sumsB,
      long at,
      MemorySegment quarters) {
    for (int k = 0; k < count; k += INTS.length()) {
      int i = k & -INTS.length(); // see Q8Piece
      IntVector a =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, minima, i, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      IntVector b =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, minima, i + MINIMA_B, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      a.mul(IntVector.fromMemorySegment(INTS, sumsA, at + 4L * i, NATIVE))
          .add(b.mul(IntVector.fromMemorySegment(INTS, sumsB, at + 4L * i, NATIVE)))
          .intoMemorySegment(quarters, 4L * i, NATIVE);
    }
  }
}
