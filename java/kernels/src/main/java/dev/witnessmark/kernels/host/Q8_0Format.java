package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Q8_0: codes that are multiplied as they are stored. */
final class Q8_0Format implements Q8Format {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

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
    Q80.widen(activations, at, blocks, to.factors, block);
  }

  @Override
  public void read(MemorySegment weights, long at, int blocks, Q8Piece piece, int first) {
    for (int i = 0; i < blocks; i++) {
      float scale = Values.f16At(weights, at + (long) Q80.BYTES * i);
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
          at + Q80.CODES + lane,
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
      long w = at + (long) Q80.BYTES * block;
      long y = factorsAt + 128L * block;
      IntVector low =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, weights, w, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      IntVector high =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, weights, w + 16, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      low.mul(IntVector.fromMemorySegment(INTS, factors, y, NATIVE))
          .add(high.mul(IntVector.fromMemorySegment(INTS, factors, y + 64, NATIVE)))
          .intoMemorySegment(partials, to + 64L * block, NATIVE);
    }
  }

  @Override
  public void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block) {}
}
