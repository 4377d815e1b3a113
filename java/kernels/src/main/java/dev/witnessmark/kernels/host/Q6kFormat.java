package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q6_K: two products in one multiplication, as in {@link Q4kFormat}, of the codes as they are
 * stored, 0 … 63. That 32 is to be subtracted from each is made up for by what is added to round:
 * 2¹⁵ − 2¹⁶ · 32 · (sum of the activations). Modulo 2³² this is exact: the sum of four products of
 * −32 … 31 is less than 2¹⁵, and so is that of two of 0 … 63 in the lower half.
 *
 * <p>A half of a block is 64 bytes of nibbles, the low ones of two runs of 32 elements and the high
 * ones of two more, and 32 bytes with the upper two bits of all four runs.
 */
final class Q6kFormat implements Q8Format {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
  private static final int BLOCK_BYTES = 210;
  private static final int UPPER_BITS = 128;
  private static final int SCALES = 192;
  private static final int BLOCK_SCALE = 208;
  private static final int FOUR_BITS = 0x0f0f0f0f;
  private static final int TWO_BITS = 0x30303030;
  private static final int PAIR_OF_CODES = 0x00ff_00ff;

  /** What is subtracted from a code. */
  private static final int ZERO = 32;

  private static final int ROUND = 1 << 15;

  /** Integers of a half: of the low and the high nibbles, 16 × even bytes, odd bytes, rounding. */
  private static final int HALF = 96;

  private static final VectorShuffle<Integer> EIGHT_TWICE =
      VectorShuffle.fromOp(INTS, lane -> lane & 7);

  /** By how much the upper bits of a lane's run are shifted. */
  private static final IntVector SHIFTS =
      IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.LSHR, 3).mul(2);

  private static final VectorShuffle<Integer> LOW_SCALES =
      VectorShuffle.fromOp(INTS, lane -> lane / 4);
  private static final VectorShuffle<Integer> HIGH_SCALES =
      VectorShuffle.fromOp(INTS, lane -> lane / 4 + (INTS.length() > 4 ? 4 : 0));

  private final int[] codes = new int[64];
  private final int[] pairs = new int[2 * HALF];

  @Override
  public int pieceBlocks() {
    return Q8Piece.BLOCKS;
  }

  @Override
  public int factorsPerBlock() {
    return 2 * HALF;
  }

  @Override
  public int sumsPerBlock() {
    return 0;
  }

  @Override
  public boolean hasOffsets() {
    return false;
  }

  @Override
  public void prepare(
      MemorySegment activations, long at, int blocks, Q8Activations to, long block, long sum) {
    for (int i = 0; i < blocks; i++) {
      long from = at + (long) Q8K.BYTES * i + Q8K.CODES;
      MemorySegment.copy(activations, INT, from, codes, 0, codes.length);
      for (int run = 0; run < 4; run++) {
        prepare(codes, 16 * run, pairs, HALF / 2 * run);
      }
      MemorySegment.copy(pairs, 0, to.factors, INT, 4L * pairs.length * (block + i), pairs.length);
    }
  }

  /** Factors of sixteen times four elements. */
  private static void prepare(int[] codes, int from, int[] pairs, int to) {
    for (int i = 0; i < 16; i++) {
      int even = NibblePairs.pair(codes[from + i]);
      int odd = NibblePairs.pair(codes[from + i] >> 8);
      int sum = NibblePairs.sum(even) + NibblePairs.sum(odd);
      pairs[to + i] = even;
      pairs[to + 16 + i] = odd;
      pairs[to + 32 + i] = ROUND - ((ZERO * sum) << 16);
    }
  }

  @Override
  public void read(MemorySegment weights, long at, int blocks, Q8Piece piece, int first) {
    for (int i = 0; i < blocks; i++) {
      float scale = Values.f16At(weights, at + (long) BLOCK_BYTES * i + BLOCK_SCALE);
      Values.setF32(piece.scales, (long) first + i, scale);
    }
  }

  @Override
  public void unpack(int blocks, Q8Piece piece) {}

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
        multiply(
            weights,
            at + 64L * half + 4L * lane,
            at + UPPER_BITS + 32L * half + 4L * (lane & 7),
            at + SCALES + 8L * half + (lane >>> 2),
            (lane >>> 3) * 2,
            blocks,
            activations.factors,
            4L * (2 * HALF * block + (long) HALF * half + lane),
            piece.partials,
            4L * (Q8Piece.PARTIALS * first + lane));
      }
    }
  }

  private static void multiply(
      MemorySegment weights,
      long nibblesAt,
      long upperAt,
      long scalesAt,
      int shift,
      int blocks,
      MemorySegment factors,
      long factorsAt,
      MemorySegment partials,
      long to) {
    IntVector shifts = SHIFTS.add(shift);
    for (int i = 0; i < 2 * blocks; i += 2) {
      int block = i >>> 1; // see Q8Piece
      long w = (long) BLOCK_BYTES * block;
      long y = factorsAt + 8L * HALF * block;
      IntVector nibbles = IntVector.fromMemorySegment(INTS, weights, nibblesAt + w, LITTLE);
      IntVector upper =
          IntVector.fromMemorySegment(INTS, weights, upperAt + w, LITTLE)
              .rearrange(EIGHT_TWICE)
              .lanewise(VectorOperators.LSHR, shifts);
      IntVector low =
          nibbles.and(FOUR_BITS).or(upper.lanewise(VectorOperators.LSHL, 4).and(TWO_BITS));
      IntVector high =
          nibbles.lanewise(VectorOperators.LSHR, 4).and(FOUR_BITS).or(upper.and(TWO_BITS));
      IntVector lowScales =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, weights, scalesAt + w, LITTLE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      IntVector highScales = lowScales;
      if (INTS.length() == 4) {
        highScales =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, weights, scalesAt + w + 4, LITTLE)
                    .convertShape(VectorOperators.B2I, INTS, 0);
      }
      IntVector lowSum =
          low.and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y, NATIVE))
              .add(
                  low.lanewise(VectorOperators.LSHR, 8)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 64, NATIVE)))
              .add(IntVector.fromMemorySegment(INTS, factors, y + 128, NATIVE))
              .lanewise(VectorOperators.ASHR, 16)
              .mul(lowScales.rearrange(LOW_SCALES));
      IntVector highSum =
          high.and(PAIR_OF_CODES)
              .mul(IntVector.fromMemorySegment(INTS, factors, y + 192, NATIVE))
              .add(
                  high.lanewise(VectorOperators.LSHR, 8)
                      .and(PAIR_OF_CODES)
                      .mul(IntVector.fromMemorySegment(INTS, factors, y + 256, NATIVE)))
              .add(IntVector.fromMemorySegment(INTS, factors, y + 320, NATIVE))
              .lanewise(VectorOperators.ASHR, 16)
              .mul(highScales.rearrange(HIGH_SCALES));
      IntVector.fromMemorySegment(INTS, partials, to + 64L * block, NATIVE)
          .add(lowSum.add(highSum))
          .intoMemorySegment(partials, to + 64L * block, NATIVE);
    }
  }

  @Override
  public void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block) {}
}
