package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Floating-point types to float32, a vector at a time; {@link VectorPlainDecoder.Kernel}.
 *
 * <p>Narrow formats take two loops, because a vector must not be reinterpreted (see {@link Lanes}).
 * The first moves the bits to where a float has them. Read as floats these are too small by the
 * difference of the exponents' biases, subnormals included: the second multiplies by that power of
 * two, which is exact.
 */
final class FloatKernels {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  /**
   * Elements after which the second loop follows the first: their values are still in the cache.
   */
  private static final int STRETCH = 2048;

  /** 2^(127 - 15): between the biases of E5M2 and of float. */
  private static final float E5M2_FACTOR = 0x1p112f;

  /** 2^(127 - 7). */
  private static final float E4M3_FACTOR = 0x1p120f;

  private FloatKernels() {}

  static int f32(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    MemorySegment.copy(
        stored, Stored.INT, at, values, ValueLayout.JAVA_INT_UNALIGNED, valuesAt, elements);
    return elements;
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

  static int e5m2(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = wholeVectorsOfBytes(elements);
    for (int start = 0; start < whole; start += STRETCH) {
      int count = Math.min(STRETCH, whole - start);
      e5m2Bits(stored, at + start, values, valuesAt + 4L * start, count);
      multiply(values, valuesAt + 4L * start, count, E5M2_FACTOR);
    }
    return whole;
  }

  static int e4m3(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = wholeVectorsOfBytes(elements);
    for (int start = 0; start < whole; start += STRETCH) {
      int count = Math.min(STRETCH, whole - start);
      e4m3Bits(stored, at + start, values, valuesAt + 4L * start, count);
      multiply(values, valuesAt + 4L * start, count, E4M3_FACTOR);
    }
    return whole;
  }

  /** Left to the compiler: half as many floats as doubles would be one more shape. */
  static int f64(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    for (int i = 0; i < elements; i++) {
      float value = (float) Stored.f64(stored, at + 8L * i);
      values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, valuesAt + 4L * i, value);
    }
    return elements;
  }

  /** The upper half of an f16. */
  private static void e5m2Bits(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    for (int i = 0; i < elements; i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      IntVector bits = (IntVector) bytes.convertShape(VectorOperators.B2I, INTS, 0);
      IntVector magnitude = bits.and(0x7f).lanewise(VectorOperators.LSHL, 21);
      magnitude
          .blend(
              magnitude.or(FloatBits.EXPONENT),
              magnitude.compare(VectorOperators.GE, 31 * FloatBits.EXPONENT_ONE))
          .or(bits.and(FloatBits.SIGN))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
  }

  /** Without infinities: the largest magnitude is NaN. */
  private static void e4m3Bits(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    for (int i = 0; i < elements; i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      IntVector bits = (IntVector) bytes.convertShape(VectorOperators.B2I, INTS, 0);
      IntVector magnitude = bits.and(0x7f).lanewise(VectorOperators.LSHL, 20);
      magnitude
          .blend(0x7fc0_0000, magnitude.compare(VectorOperators.EQ, 0x7f << 20))
          .or(bits.and(FloatBits.SIGN))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
  }

  private static void multiply(MemorySegment values, long at, int elements, float factor) {
    for (int i = 0; i < elements; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, values, at + 4L * i, NATIVE)
          .mul(factor)
          .intoMemorySegment(values, at + 4L * i, NATIVE);
    }
  }

  /** The elements of vectors whose bytes can be read without leaving {@code elements}. */
  private static int wholeVectorsOfBytes(int elements) {
    return FLOATS.loopBound(Math.max(0, elements - Lanes.BYTES_EXCESS));
  }
}
