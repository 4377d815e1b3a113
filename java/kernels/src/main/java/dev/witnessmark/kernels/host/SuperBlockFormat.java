package dev.witnessmark.kernels.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

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

/**
 * Types with blocks of 256 and integer scales: taken apart to one byte for each element and for
 * each group of 16, then multiplied.
 */
final class SuperBlockFormat implements Q8Format {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final int ELEMENTS = 256;
  private static final int GROUPS = 16;
  private static final int PIECE = 32;

  private final TensorType type;
  private final boolean hasOffsets;
  private final Unpacker unpacker;
  private final Unpacked unpacked = new Unpacked();
  private final MemorySegment codes = memory(ELEMENTS);
  private final MemorySegment scaleCodes = memory(GROUPS);
  private final MemorySegment offsetCodes = memory(GROUPS);
  private final MemorySegment offsetProducts = memory(4 * GROUPS);

  SuperBlockFormat(TensorType type) {
    this.type = type;
    this.hasOffsets = type == TensorType.Q2_K;
    this.unpacker = Decoders.unpacker(type);
  }

  private static MemorySegment memory(int bytesPerBlock) {
    return Scratch.allocate((long) bytesPerBlock * PIECE + Q8Piece.EXCESS);
  }

  @Override
  public int pieceBlocks() {
    return PIECE;
  }

  @Override
  public int factorsPerBlock() {
    return ELEMENTS;
  }

  @Override
  public int sumsPerBlock() {
    return hasOffsets ? GROUPS : 0;
  }

  @Override
  public boolean hasOffsets() {
    return hasOffsets;
  }

  @Override
  public void prepare(
      MemorySegment activations, long at, int blocks, Q8Activations to, long block, long sum) {
    for (int i = 0; i < blocks; i++) {
      long from = at + (long) Q8K.BYTES * i;
      for (int e = 0; e < ELEMENTS; e++) {
        int code = Values.i8At(activations, from + Q8K.CODES + e);
        Values.setI32(to.factors, ELEMENTS * (block + i) + e, code);
      }
      for (int group = 0; hasOffsets && group < GROUPS; group++) {
        int total = Values.i16At(activations, from + Q8K.SUMS + 2L * group);
        Values.setI32(to.sums[0], GROUPS * (sum + i) + group, total);
      }
    }
  }

  @Override
  public void read(MemorySegment weights, long at, int blocks, Q8Piece piece, int first) {
    int most = Unpacked.CAPACITY / ELEMENTS;
    for (int done = 0; done < blocks; done += most) {
      int count = Math.min(most, blocks - done);
      unpacker.unpack(weights, at + (long) type.blockBytes() * done, count, unpacked);
      long to = (long) first + done;
      MemorySegment.copy(unpacked.codes, 0, codes, ELEMENTS * to, (long) ELEMENTS * count);
      MemorySegment.copy(
          unpacked.scaleCodes, 0, scaleCodes, JAVA_BYTE, GROUPS * to, GROUPS * count);
      MemorySegment.copy(
          unpacked.offsetCodes, 0, offsetCodes, JAVA_BYTE, GROUPS * to, GROUPS * count);
      for (int block = 0; block < count; block++) {
        Values.setF32(piece.scales, to + block, unpacked.blockScales[block]);
        Values.setF32(piece.offsets, to + block, unpacked.blockOffsets[block]);
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
    for (int i = 0; i < blocks; i++) {
      for (int lane = 0; lane < Q8Piece.PARTIALS; lane += INTS.length()) {
        multiply(
            codes,
            (long) ELEMENTS * (first + i) + lane,
            scaleCodes,
            (long) GROUPS * (first + i),
            activations.factors,
            4L * (ELEMENTS * (block + i) + lane),
            piece.partials,
            4L * (Q8Piece.PARTIALS * (first + i) + lane));
      }
    }
  }

  private static void multiply(
      MemorySegment codes,
      long at,
      MemorySegment scales,
      long scalesAt,
      MemorySegment factors,
      long factorsAt,
      MemorySegment partials,
      long to) {
    IntVector sum = IntVector.zero(INTS);
    for (int group = 0; group < GROUPS; group++) {
      IntVector code =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + 16L * group, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      sum =
          sum.add(
              code.mul(IntVector.fromMemorySegment(INTS, factors, factorsAt + 64L * group, NATIVE))
                  .mul(Values.i8At(scales, scalesAt + group)));
    }
    sum.intoMemorySegment(partials, to, NATIVE);
  }

  @Override
  public void multiplySums(int blocks, Q8Piece piece, Q8Activations activations, long block) {
    multiplySums(
        offsetCodes, GROUPS * blocks, activations.sums[0], 4 * GROUPS * block, offsetProducts);
    Q8Piece.quarter(offsetProducts, 4 * blocks, piece.offsetQuarters);
  }

  private static void multiplySums(
      MemorySegment codes, int count, MemorySegment sums, long at, MemorySegment products) {
    for (int i = 0; i < count; i += INTS.length()) {
      ((IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, i, NATIVE)
                  .convertShape(VectorOperators.B2I, INTS, 0))
          .mul(IntVector.fromMemorySegment(INTS, sums, at + 4L * i, NATIVE))
          .intoMemorySegment(products, 4L * i, NATIVE);
    }
  }
}
