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
 * Q5_K: two products in one multiplication, as in {@link Q4kFormat}, of codes 0 … 31: the sum of
 * four products is below 2¹⁵. The fifth bits of eight groups of 32 are in 32 bytes before the
 * nibbles, bit j of each byte belongs to group j.
 */
final class Q5kFormat extends SixBitFormat {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final int BLOCK_BYTES = 176;
  private static final int FIFTH_BITS = 16;
  private static final int NIBBLES = 48;
  private static final int FOUR_BITS = 0x0f0f0f0f;
  private static final int FIFTH_BIT = 0x10101010;
  private static final int PAIR_OF_CODES = 0x00ff_00ff;
  private static final int ROUND = 1 << 15;

  private static final VectorShuffle<Integer> EIGHT_TWICE =
      VectorShuffle.fromOp(INTS, lane -> lane & 7);

  /** The group in the low nibbles of a lane, from that of the first lane on. */
  private static final IntVector GROUPS =
      IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.LSHR, 3).mul(2);

  private static final VectorShuffle<Integer> LOW_SCALES =
      VectorShuffle.fromOp(INTS, lane -> lane / 8 * 2);
  private static final VectorShuffle<Integer> HIGH_SCALES =
      VectorShuffle.fromOp(INTS, lane -> lane / 8 * 2 + 1);

  Q5kFormat() {
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
    piece.clearPartials(first, blocks);
    for (int half = 0; half < 2; half++) {
      for (int lane = 0; lane < Q8Piece.PARTIALS; lane += INTS.length()) {
        int group = 4 * half + (lane >>> 3) * 2;
        multiply(
            weights,
            at + NIBBLES + 64L * half + 4L * lane,
            at + FIFTH_BITS + 4L * (lane & 7),
            group,
            blocks,
            piece.scaleCodes,
            8L * first + group,
            activations.factors,
            512 * block + 256L * half + 4L * lane,
            piece.partials,
            4L * (Q8Piece.PARTIALS * first + lane));
      }
    }
  }

  private static void multiply(
      MemorySegment weights,
      long nibblesAt,
      long fifthAt,
      int group,
      int blocks,
      MemorySegment scales,
      long scalesAt,
      MemorySegment factors,
      long factorsAt,
      MemorySegment partials,
      long to) {
    IntVector groups = GROUPS.add(group);
    for (int i = 0; i < 2 * blocks; i += 2) {
      int block = i >>> 1; // see Q8Piece
      long w = (long) BLOCK_BYTES * block;
      long y = factorsAt + 512L * block;
      IntVector nibbles = IntVector.fromMemorySegment(INTS, weights, nibblesAt + w, LITTLE);
      IntVector fifth =
          IntVector.fromMemorySegment(INTS, weights, fifthAt + w, LITTLE)
              .rearrange(EIGHT_TWICE)
              .lanewise(VectorOperators.LSHR, groups);
      IntVector low =
          nibbles.and(FOUR_BITS).or(fifth.lanewise(VectorOperators.LSHL, 4).and(FIFTH_BIT));
      IntVector high =
          nibbles
              .lanewise(VectorOperators.LSHR, 4)
              .and(FOUR_BITS)
              .or(fifth.lanewise(VectorOperators.LSHL, 3).and(FIFTH_BIT));
      IntVector scale =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, scales, scalesAt + 8L * block, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      IntVector lowSum =
          low.and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y, NATIVE))
              .add(
                  low.lanewise(VectorOperators.LSHR, 8)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 64, NATIVE)))
              .add(ROUND)
              .lanewise(VectorOperators.ASHR, 16)
              .mul(scale.rearrange(LOW_SCALES));
      IntVector highSum =
          high.and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y + 128, NATIVE))
              .add(
                  high.lanewise(VectorOperators.LSHR, 8)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 192, NATIVE)))
              .add(ROUND)
              .lanewise(VectorOperators.ASHR, 16)
              .mul(scale.rearrange(HIGH_SCALES));
      IntVector.fromMemorySegment(INTS, partials, to + 64L * block, NATIVE)
          .add(lowSum.add(highSum))
          .intoMemorySegment(partials, to + 64L * block, NATIVE);
    }
  }
}
