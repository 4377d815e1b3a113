package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Block types on the Vector API. An {@link Unpacker} takes some blocks apart into codes and scales,
 * then one kernel, the same for all types, multiplies.
 */
final class VectorBlockDecoder extends CheckedDecoder {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  private final Unpacker unpacker;
  private final Unpacker boundUnpacker;
  private final boolean codedScales;
  private final boolean hasOffsets;
  private final int blocksAtOnce;
  private final Unpacked unpacked = new Unpacked();
  private final @Nullable VectorBlockBounds blockBounds;

  /**
   * @param boundUnpacker what bounds are made from: the unpacker itself, or one that gives gaps
   *     instead of the values of a table
   * @param codedScales whether the unpackers leave block scales and scale codes
   * @param hasOffsets whether the type has a minimum besides its scale
   */
  VectorBlockDecoder(
      TensorType type,
      Unpacker unpacker,
      Unpacker boundUnpacker,
      boolean codedScales,
      boolean hasOffsets) {
    super(type);
    this.unpacker = unpacker;
    this.boundUnpacker = boundUnpacker;
    this.codedScales = codedScales;
    this.hasOffsets = hasOffsets;
    this.blocksAtOnce = Unpacked.CAPACITY / type.blockElements();
    this.blockBounds = hasDerivedBound() ? new VectorBlockBounds(type, hasOffsets) : null;
  }

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  void decodeChecked(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    int blocks = elements / type.blockElements();
    for (int block = 0; block < blocks; block += blocksAtOnce) {
      int count = Math.min(blocksAtOnce, blocks - block);
      long from = storedAt + (long) block * type.blockBytes();
      long to = valuesAt + 4L * block * type.blockElements();
      int groups = unpack(unpacker, stored, from, count);
      writeValues(groups, values, to);
    }
  }

  @Override
  void boundsChecked(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    VectorBlockBounds rule = Objects.requireNonNull(blockBounds);
    int blocks = elements / type.blockElements();
    for (int block = 0; block < blocks; block += blocksAtOnce) {
      int count = Math.min(blocksAtOnce, blocks - block);
      long from = storedAt + (long) block * type.blockBytes();
      long to = boundsAt + 4L * block * type.blockElements();
      int groups = unpack(boundUnpacker, stored, from, count);
      rule.write(unpacked, groups, bounds, to);
    }
  }

  @Override
  void decodeWithBoundsChecked(
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    if (Rounding.steps(type) == Rounding.Steps.TABLE) {
      super.decodeWithBoundsChecked(stored, storedAt, values, valuesAt, bounds, boundsAt, elements);
      return;
    }
    VectorBlockBounds rule = Objects.requireNonNull(blockBounds);
    int blocks = elements / type.blockElements();
    for (int block = 0; block < blocks; block += blocksAtOnce) {
      int count = Math.min(blocksAtOnce, blocks - block);
      long from = storedAt + (long) block * type.blockBytes();
      long written = 4L * block * type.blockElements();
      int groups = unpack(unpacker, stored, from, count);
      writeValues(groups, values, valuesAt + written);
      rule.write(unpacked, groups, bounds, boundsAt + written);
    }
  }

  private void writeValues(int groups, MemorySegment values, long at) {
    if (hasOffsets) {
      multiplyAdd(unpacked.codes, unpacked.scales, unpacked.offsets, groups, values, at);
    } else {
      multiply(unpacked.codes, unpacked.scales, groups, values, at);
    }
  }

  /** Takes blocks apart, down to one scale and offset for each of the groups it returns. */
  private int unpack(Unpacker unpacker, MemorySegment stored, long at, int blocks) {
    unpacker.unpack(stored, at, blocks, unpacked);
    if (codedScales) {
      multiply(unpacked.scaleCodes, unpacked.blockScales, blocks, unpacked.scales);
      if (hasOffsets) {
        multiply(unpacked.offsetCodes, unpacked.blockOffsets, blocks, unpacked.offsets);
      }
    }
    return blocks * type.blockElements() / Unpacked.GROUP;
  }

  /** products[i] = factors[i / 16] · codes[i]. */
  private static void multiply(byte[] codes, float[] factors, int groups, float[] products) {
    for (int i = 0; i < Unpacked.GROUP * groups; i += FLOATS.length()) {
      FloatVector floats =
          (FloatVector)
              ByteVector.fromArray(BYTES, codes, i).convertShape(VectorOperators.B2F, FLOATS, 0);
      floats.mul(factors[i >>> Unpacked.LOG_GROUP]).intoArray(products, i);
    }
  }

  /** Floats at {@code at}: scales[i / 16] · codes[i]. */
  private static void multiply(
      MemorySegment codes, float[] scales, int groups, MemorySegment values, long at) {
    for (int i = 0; i < Unpacked.GROUP * groups; i += FLOATS.length()) {
      ((FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, i, NATIVE)
                  .convertShape(VectorOperators.B2F, FLOATS, 0))
          .mul(scales[i >>> Unpacked.LOG_GROUP])
          .intoMemorySegment(values, at + 4L * i, NATIVE);
    }
  }

  /** Floats at {@code at}: scales[i / 16] · codes[i] + offsets[i / 16]. */
  private static void multiplyAdd(
      MemorySegment codes,
      float[] scales,
      float[] offsets,
      int groups,
      MemorySegment values,
      long at) {
    for (int i = 0; i < Unpacked.GROUP * groups; i += FLOATS.length()) {
      ((FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, i, NATIVE)
                  .convertShape(VectorOperators.B2F, FLOATS, 0))
          .mul(scales[i >>> Unpacked.LOG_GROUP])
          .add(offsets[i >>> Unpacked.LOG_GROUP])
          .intoMemorySegment(values, at + 4L * i, NATIVE);
    }
  }
}
