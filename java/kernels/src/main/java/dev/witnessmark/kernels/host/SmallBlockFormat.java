package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.decode.Unpacked;
import dev.witnessmark.kernels.decode.Unpacker;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Types with blocks of 32: taken apart to one byte for each element, then multiplied. */
final class SmallBlockFormat implements Q8Format {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final int ELEMENTS = Q80.ELEMENTS;

  /** Integers of a block's sum: itself and zeros. */
  private static final int SUMS = 4;

  private final TensorType type;
  private final boolean hasOffsets;
  private final Unpacker unpacker;
  private final Unpacked unpacked = new Unpacked();
  private final MemorySegment codes = Scratch.allocate(ELEMENTS * Q8Piece.BLOCKS + Q8Piece.EXCESS);

  SmallBlockFormat(TensorType type) {
    this.type = type;
    this.hasOffsets = type == TensorType.Q4_1 || type == TensorType.Q5_1;
    this.unpacker = Decoders.unpacker(type);
  }

  @Override
  public int pieceBlocks() {
    return Q8Piece.BLOCKS;
  }

  @Override
  public int factorsPerBlock() {
    return ELEMENTS;
  }

  @Override
  public int sumsPerBlock() {
    return hasOffsets ? SUMS : 0;
  }

  @Override
  public boolean hasOffsets() {
    return hasOffsets;
  }

  @Override
  public void prepare(
      MemorySegment activations, long at, int blocks, Q8Activations to, long block, long sum) {
    Q80.widen(activations, at, blocks, to.factors, block);
    for (int i = 0; hasOffsets && i < blocks; i++) {
      int total = 0;
      for (int e = 0; e < ELEMENTS; e++) {
        total += Values.i32(to.factors, ELEMENTS * (block + i) + e);
      }
      for (int k = 0; k < SUMS; k++) {
        Values.setI32(to.sums[0], SUMS * (sum + i) + k, k == 0 ? total : 0);
      }
    }
  }

  @Override
  public void read(MemorySegment weights, long at, int blocks, Q8Piece piece, int first) {
    int most = Unpacked.CAPACITY / ELEMENTS;
    for (int done = 0; done < blocks; done += most) {
      int count = Math.min(most, blocks - done);
      unpacker.unpack(weights, at + (long) type.blockBytes() * done, count, unpacked);
      MemorySegment.copy(
          unpacked.codes, 0, codes, (long) ELEMENTS * (first + done), (long) ELEMENTS * count);
      for (int block = 0; block < count; block++) {
        Values.setF32(piece.scales, first + done + block, unpacked.scales[2 * block]);
        Values.setF32(piece.offsets, first + done + block, unpacked.offsets[2 * block]);
      }
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
          codes,
          (long) ELEMENTS * first + lane,
          blocks,
          activations.factors,
          4L * (ELEMENTS * block + lane),
          piece.partials,
          4L * (Q8Piece.PARTIALS * first + lane));
    }
  }

  private static void multiply(
      MemorySegment codes,
      long at,
      int blocks,
      MemorySegment factors,
      long factorsAt,
      MemorySegment partials,
      long to) {
    for (int i = 0; i < 2 * blocks; i += 2) {
      int block = i >>> 1; // see Q8Piece
      IntVector low =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + 32L * block, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      IntVector high =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + 32L * block + 16, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      low.mul(IntVector.fromMemorySegment(INTS, factors, factorsAt + 128L * block, NATIVE))
          .add(
              high.mul(
                  IntVector.fromMemorySegment(
                      INTS, factors, factorsAt + 128L * block + 64, NATIVE)))
          .intoMemorySegment(partials, to + 64L * block, NATIVE);
    }
  }

  @Override
  public void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block) {
    MemorySegment.copy(activations.sums[0], 16 * block, piece.offsetQuarters, 0, 16L * blocks);
  }
}
