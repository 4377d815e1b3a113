package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q4_0: two products in one multiplication, as in {@link Q4kFormat}. Byte k has the codes of
 * elements k and k + 16, which are 8 less than they are stored as: as in {@link Q6kFormat}, that is
 * made up for by what is added to round.
 */
final class Q4_0Format implements Q8Format {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final int BLOCK_BYTES = 18;
  private static final int CODES = 2;
  private static final int PAIR_OF_CODES = 0x000f_000f;

  /** What is subtracted from a code. */
  private static final int ZERO = 8;

  private static final int ROUND = 1 << 15;

  @Override
  public int pieceBlocks() {
    return Q8Piece.BLOCKS;
  }

  @Override
  public int factorsPerBlock() {
    return Q80.ELEMENTS;
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
      long from = at + (long) Q80.BYTES * i + Q80.CODES;
      long first = Q80.ELEMENTS * (block + i);
      for (int k = 0; k < 16; k++) {
        int low = Values.i8At(activations, from + k);
        int high = Values.i8At(activations, from + k + 16);
        Values.setI32(to.factors, first + k, (low << 16) + high);
        Values.setI32(to.factors, first + 16 + k, ROUND - ((ZERO * (low + high)) << 16));
      }
    }
  }

  @Override
  public void read(MemorySegment weights, long at, int blocks, Q8Piece piece, int first) {
    for (int i = 0; i < blocks; i++) {
      float scale = Values.f16At(weights, at + (long) BLOCK_BYTES * i);
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
    for (int lane = 0; lane < Q8Piece.PARTIALS; lane += INTS.length()) {
      multiply(
          weights,
          at + CODES + lane,
          blocks,
          activations.factors,
          4L * (Q80.ELEMENTS * block + lane),
          piece.partials,
          4L * (Q8Piece.PARTIALS * first + lane));
    }
  }

  private static void multiply(
      MemorySegment weights,
      long at,
      int blocks,
      MemorySegment factors,
      long factorsAt,
      MemorySegment partials,
      long to) {
    for (int i = 0; i < 2 * blocks; i += 2) {
      int block = i >>> 1; // see Q8Piece
      long y = factorsAt + 128L * block;
      IntVector codes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, weights, at + (long) BLOCK_BYTES * block, NATIVE)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
      codes
          .or(codes.lanewise(VectorOperators.LSHL, 12))
          .and(PAIR_OF_CODES)
          .mul(IntVector.fromMemorySegment(INTS, factors, y, NATIVE))
          .add(IntVector.fromMemorySegment(INTS, factors, y + 64, NATIVE))
          .lanewise(VectorOperators.ASHR, 16)
          .intoMemorySegment(partials, to + 64L * block, NATIVE);
    }
  }

  @Override
  public void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block) {}
}
