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

/**
 * Block types on the Vector API. An {@link Unpacker} takes some blocks apart into codes and scales,
 * then one kernel, the same for all types, multiplies.
 */
final class VectorBlockDecoder implements Decoder {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  private final TensorType type;
  private final Unpacker unpacker;
  private final boolean codedScales;
  private final boolean hasOffsets;
  private final int blocksAtOnce;
  private final Unpacked unpacked = new Unpacked();

  /**
   * @param codedScales whether the unpacker leaves block scales and scale codes
   * @param hasOffsets whether the type has a minimum besides its scale
   */
  VectorBlockDecoder(TensorType type, Unpacker unpacker, boolean codedScales, boolean hasOffsets) {
    this.type = type;
    this.unpacker = unpacker;
    this.codedScales = codedScales;
    this.hasOffsets = hasOffsets;
    this.blocksAtOnce = Unpacked.CAPACITY / type.blockElements();
  }

  @Override
  public TensorType type() {
    return type;
  }

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public void decode(
      MemorySegment stored, long storedAt, MemorySegment values, long valuesAt, int elements) {
    Objects.checkFromIndexSize(storedAt, type.bytes(elements), stored.byteSize());
    Objects.checkFromIndexSize(valuesAt, 4L * elements, values.byteSize());
    int blocks = elements / type.blockElements();
    for (int block = 0; block < blocks; block += blocksAtOnce) {
      int count = Math.min(blocksAtOnce, blocks - block);
      long from = storedAt + (long) block * type.blockBytes();
      long to = valuesAt + 4L * block * type.blockElements();
      int groups = unpack(stored, from, count);
      if (hasOffsets) {
        multiplyAdd(unpacked.codes, unpacked.scales, unpacked.offsets, groups, values, to);
      } else {
        multiply(unpacked.codes, unpacked.scales, groups, values, to);
      }
    }
  }

  /** Takes blocks apart, down to one scale and offset for each of the groups it returns. */
  private int unpack(MemorySegment stored, long at, int blocks) {
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
      codes(codes, i).mul(factors[i >>> Unpacked.LOG_GROUP]).intoArray(products, i);
    }
  }

  /** Floats at {@code at}: scales[i / 16] · codes[i]. */
  private static void multiply(
      byte[] codes, float[] scales, int groups, MemorySegment values, long at) {
    for (int i = 0; i < Unpacked.GROUP * groups; i += FLOATS.length()) {
      codes(codes, i)
          .mul(scales[i >>> Unpacked.LOG_GROUP])
          .intoMemorySegment(values, at + 4L * i, NATIVE);
    }
  }

  /** Floats at {@code at}: scales[i / 16] · codes[i] + offsets[i / 16]. */
  private static void multiplyAdd(
      byte[] codes, float[] scales, float[] offsets, int groups, MemorySegment values, long at) {
    for (int i = 0; i < Unpacked.GROUP * groups; i += FLOATS.length()) {
      codes(codes, i)
          .mul(scales[i >>> Unpacked.LOG_GROUP])
          .add(offsets[i >>> Unpacked.LOG_GROUP])
          .intoMemorySegment(values, at + 4L * i, NATIVE);
    }
  }

  /** The codes from index {@code i} as floats. */
  private static FloatVector codes(byte[] codes, int i) {
    return (FloatVector)
        ByteVector.fromArray(BYTES, codes, i).convertShape(VectorOperators.B2F, FLOATS, 0);
  }
}
