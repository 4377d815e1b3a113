package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q4_K: two products in one multiplication.
 *
 * <p>An integer lane holds four bytes of codes. Masked, it is a + 2¹⁶·b with the codes a and b of
 * two bytes; times r·2¹⁶ + p it is a·p + 2¹⁶·(a·r + b·p), modulo 2³². With p and r the activations
 * of b and a, the upper half is the sum of both products, and adding half of 2¹⁶ makes up for the
 * sign of the lower one: |a·p| is at most 15·128, for two such sums 3840.
 */
final class Q4kFormat extends SixBitFormat {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final int BLOCK_BYTES = 144;
  private static final int CODES = 16;
  private static final int PAIR_OF_CODES = 0x000f_000f;
  private static final int ROUND = 1 << 15;

  /** Where the scales are of the groups in the low and in the high nibbles of a vector. */
  private static final VectorShuffle<Integer> LOW_A = groups(0);

  private static final VectorShuffle<Integer> HIGH_A = groups(1);
  private static final VectorShuffle<Integer> LOW_B = groups(INTS.length() > 4 ? 4 : 0);
  private static final VectorShuffle<Integer> HIGH_B = groups(INTS.length() > 4 ? 5 : 1);

  private static VectorShuffle<Integer> groups(int first) {
    return VectorShuffle.fromOp(INTS, lane -> lane / 8 * 2 + first);
  }

  Q4kFormat() {
    super(BLOCK_BYTES);
  }

  @Override
  public void multiply(
      MemorySegment weights,
      long at,
      int blocks,
      Q8Piece piece,
      int first,
      Q8Activations activations,
      long block) {
    for (int lane = 0; lane < Q8Piece.PARTIALS; lane += INTS.length()) {
      multiply(
          weights,
          at + CODES,
          blocks,
          lane,
          first,
          piece.scaleCodes,
          activations.factors,
          512 * block,
          piece.partials);
    }
  }

  private static void multiply(
      MemorySegment weights,
      long at,
      int blocks,
      int lane,
      int first,
      MemorySegment scales,
      MemorySegment factors,
      long factorsAt,
      MemorySegment partials) {
    long w0 = at + 4L * lane;
    long y0 = factorsAt + 4L * lane;
    long s0 = 8L * first + (lane >>> 3) * 2L;
    long p0 = 64L * first + 4L * lane;
    for (int i = 0; i < 2 * blocks; i += 2) {
      int block = i >>> 1; // see Q8Piece
      long w = w0 + (long) BLOCK_BYTES * block;
      long y = y0 + 512L * block;
      long s = s0 + 8L * block;
      IntVector a = IntVector.fromMemorySegment(INTS, weights, w, LITTLE);
      IntVector b = IntVector.fromMemorySegment(INTS, weights, w + 64, LITTLE);
      IntVector scaleA =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, scales, s, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      IntVector scaleB = scaleA;
      if (INTS.length() == 4) {
        scaleB =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, scales, s + 4, NATIVE)
                    .convertShape(VectorOperators.B2I, INTS, 0);
      }
      IntVector lowA =
          a.and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y, NATIVE))
              .add(
                  a.lanewise(VectorOperators.LSHR, 8)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 64, NATIVE)))
              .add(ROUND)
              .lanewise(VectorOperators.ASHR, 16)
              .mul(scaleA.rearrange(LOW_A));
      IntVector highA =
          a.lanewise(VectorOperators.LSHR, 4)
              .and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y + 128, NATIVE))
              .add(
                  a.lanewise(VectorOperators.LSHR, 12)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 192, NATIVE)))
              .add(ROUND)
              .lanewise(VectorOperators.ASHR, 16)
              .mul(scaleA.rearrange(HIGH_A));
      IntVector lowB =
          b.and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y + 256, NATIVE))
              .add(
                  b.lanewise(VectorOperators.LSHR, 8)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 320, NATIVE)))
              .add(ROUND)
              .lanewise(VectorOperators.ASHR, 16)
              .mul(scaleB.rearrange(LOW_B));
      IntVector highB =
          b.lanewise(VectorOperators.LSHR, 4)
              .and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y + 384, NATIVE))
              .add(
                  b.lanewise(VectorOperators.LSHR, 12)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 448, NATIVE)))
              .add(ROUND)
              .lanewise(VectorOperators.ASHR, 16)
              .mul(scaleB.rearrange(HIGH_B));
      lowA.add(highA).add(lowB.add(highB)).intoMemorySegment(partials, p0 + 64L * block, NATIVE);
    }
  }
}
