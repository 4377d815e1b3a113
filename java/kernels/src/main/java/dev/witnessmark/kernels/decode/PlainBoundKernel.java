package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The bounds of {@link Rounding} for types without blocks, a vector at a time: the power of two
 * below a value, not less than the smallest normal one, times a factor.
 *
 * @param minNormal bits of the smallest normal number
 * @param factor half a unit in the last place of 1
 * @param least smaller bounds become {@code small}
 * @param small the bound of what is exact or cannot be said in a float
 */
record PlainBoundKernel(int minNormal, float factor, float least, float small) {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  static PlainBoundKernel of(TensorType type) {
    float smallestNormal = Math.scalb(1f, Rounding.minExponent(type));
    float factor = Math.scalb(1f, -Rounding.precision(type));
    return switch (type) {
      case I8, U8, BOOL, I16, U16 -> new PlainBoundKernel(0, 0, 0, 0);
      case I32, U32, I64, U64 -> new PlainBoundKernel(0, factor, 1, 0);
      case F64 ->
          new PlainBoundKernel(
              Float.floatToRawIntBits(smallestNormal),
              factor * Rounding.TWICE_ROUNDED,
              Float.MIN_VALUE,
              Float.MIN_VALUE);
      default ->
          new PlainBoundKernel(
              Float.floatToRawIntBits(smallestNormal), factor, Float.MIN_VALUE, Float.MIN_VALUE);
    };
  }

  /**
   * Writes the bounds of the first values.
   *
   * @return how many were written: less than one vector short of all
   */
  int bounds(
      MemorySegment values, long valuesAt, MemorySegment bounds, long boundsAt, int elements) {
    return bounds(values, valuesAt, minNormal, factor, least, small, bounds, boundsAt, elements);
  }

  private static int bounds(
      MemorySegment values,
      long valuesAt,
      int minNormal,
      float factor,
      float least,
      float small,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector halfUlp =
          IntVector.fromMemorySegment(INTS, values, valuesAt + 4L * i, NATIVE)
              .and(FloatBits.EXPONENT)
              .max(minNormal)
              .reinterpretAsFloats()
              .mul(factor);
      halfUlp
          .blend(small, halfUlp.compare(VectorOperators.LT, least))
          .intoMemorySegment(bounds, boundsAt + 4L * i, NATIVE);
    }
    return whole;
  }
}
