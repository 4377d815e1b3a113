package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Integers of up to 32 bits to the nearest float32, a vector at a time; {@link
 * VectorPlainDecoder.Kernel}.
 */
final class IntegerKernels {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  private IntegerKernels() {}

  static int i8(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      ((FloatVector) bytes.convertShape(VectorOperators.B2F, FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  static int u8(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      ((FloatVector)
              ((IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0))
                  .convertShape(VectorOperators.I2F, FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  /** Every byte but 0 is true, and true is 1. */
  static int bool(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      ((FloatVector)
              ((IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0))
                  .min(1)
                  .convertShape(VectorOperators.I2F, FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  static int i16(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, stored, at + 2L * i, LITTLE);
      ((FloatVector)
              ((IntVector) shorts.convertShape(VectorOperators.S2I, INTS, 0))
                  .convertShape(VectorOperators.I2F, FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int u16(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, stored, at + 2L * i, LITTLE);
      ((FloatVector)
              ((IntVector) shorts.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                  .convertShape(VectorOperators.I2F, FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int i32(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      ((FloatVector)
              IntVector.fromMemorySegment(INTS, stored, at + 4L * i, LITTLE)
                  .convertShape(VectorOperators.I2F, FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  /** Both halves convert exactly, so their sum is the only rounding. */
  static int u32(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      IntVector ints = IntVector.fromMemorySegment(INTS, stored, at + 4L * i, LITTLE);
      ((FloatVector)
              ints.lanewise(VectorOperators.LSHR, 16).convertShape(VectorOperators.I2F, FLOATS, 0))
          .mul(0x1p16f)
          .add(((FloatVector) ints.and(0xffff).convertShape(VectorOperators.I2F, FLOATS, 0)))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }
}
