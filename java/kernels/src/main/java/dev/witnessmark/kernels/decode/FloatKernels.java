package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Floating-point types to float32, a vector at a time; {@link VectorPlainDecoder.Kernel}. */
final class FloatKernels {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final VectorSpecies<Double> DOUBLES = Lanes.DOUBLES;
  private static final VectorSpecies<Float> HALF_FLOATS = Lanes.HALF_FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  private FloatKernels() {}

  static int f32(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      IntVector.fromMemorySegment(INTS, stored, at + 4L * i, LITTLE)
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int f16(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, stored, at + 2L * i, LITTLE);
      IntVector bits = (IntVector) shorts.convertShape(VectorOperators.S2I, INTS, 0);
      IntVector magnitude = bits.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
      half(magnitude, bits).intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int bf16(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, stored, at + 2L * i, LITTLE);
      ((IntVector) shorts.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  /** The upper half of an f16. */
  static int e5m2(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      IntVector bits = (IntVector) bytes.convertShape(VectorOperators.B2I, INTS, 0);
      IntVector magnitude = bits.and(0x7f).lanewise(VectorOperators.LSHL, 21);
      half(magnitude, bits).intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  static int e4m3(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      IntVector bits = (IntVector) bytes.convertShape(VectorOperators.B2I, INTS, 0);
      IntVector magnitude = bits.and(0x7f).lanewise(VectorOperators.LSHL, 20);
      IntVector finite = rebiased(magnitude, 7);
      finite
          .blend(0x7fc0_0000, magnitude.compare(VectorOperators.EQ, 0x7f << 20))
          .or(bits.and(FloatBits.SIGN))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  static int f64(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = DOUBLES.loopBound(elements);
    for (int i = 0; i < whole; i += DOUBLES.length()) {
      DoubleVector doubles = DoubleVector.fromMemorySegment(DOUBLES, stored, at + 8L * i, LITTLE);
      ((FloatVector) doubles.convertShape(VectorOperators.D2F, HALF_FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  /**
   * Bits of an f16 as bits of a float.
   *
   * @param magnitude its exponent and mantissa, moved to where a float has them
   * @param signed ints with its sign
   */
  private static IntVector half(IntVector magnitude, IntVector signed) {
    return rebiased(magnitude, 15)
        .lanewise(
            VectorOperators.OR,
            FloatBits.EXPONENT,
            magnitude.compare(VectorOperators.GE, 31 * FloatBits.EXPONENT_ONE))
        .or(signed.and(FloatBits.SIGN));
  }

  /**
   * Adds the difference of the exponents' biases. A subnormal gets one more and an implicit one
   * that a subtraction, which is exact, takes away again.
   */
  private static IntVector rebiased(IntVector magnitude, int bias) {
    int shift = (127 - bias) * FloatBits.EXPONENT_ONE;
    float implicitOne = Float.intBitsToFloat(shift + FloatBits.EXPONENT_ONE);
    IntVector normal = magnitude.add(shift);
    IntVector subnormal =
        normal
            .add(FloatBits.EXPONENT_ONE)
            .reinterpretAsFloats()
            .sub(implicitOne)
            .reinterpretAsInts();
    return normal.blend(subnormal, magnitude.compare(VectorOperators.LT, FloatBits.EXPONENT_ONE));
  }
}
