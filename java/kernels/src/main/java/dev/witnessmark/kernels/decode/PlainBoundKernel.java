package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The bounds of {@link Rounding} for types without blocks, a vector at a time: the bits of 2^(floor
 * log2 |v|, but not less than the smallest normal one) · 2^-precision.
 *
 * @param minNormal bits of the smallest normal number
 * @param precision what 2^-precision takes from the bits of a float
 * @param zeroBelow bits of the smallest bound that is not replaced by 0
 */
record PlainBoundKernel(int minNormal, int precision, int zeroBelow) {

  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  static PlainBoundKernel of(TensorType type) {
    return new PlainBoundKernel(
        (Rounding.minExponent(type) + FloatBits.BIAS) * FloatBits.EXPONENT_ONE,
        Rounding.precision(type) * FloatBits.EXPONENT_ONE,
        Float.floatToRawIntBits(Rounding.leastBound(type)));
  }

  /**
   * Writes the bounds of the first values.
   *
   * @return how many were written: less than one vector short of all
   */
  int bounds(
      MemorySegment values, long valuesAt, MemorySegment bounds, long boundsAt, int elements) {
    int whole = INTS.loopBound(elements);
    write(values, valuesAt, minNormal, precision, zeroBelow, bounds, boundsAt, whole);
    return whole;
  }

  private static void write(
      MemorySegment values,
      long valuesAt,
      int minNormal,
      int precision,
      int zeroBelow,
      MemorySegment bounds,
      long boundsAt,
      int elements) {
    for (int i = 0; i < elements; i += INTS.length()) {
      IntVector powerOfTwo =
          IntVector.fromMemorySegment(INTS, values, valuesAt + 4L * i, NATIVE)
              .and(FloatBits.EXPONENT);
      IntVector halfUlp = powerOfTwo.max(minNormal).sub(precision).max(FloatBits.EXPONENT_ONE);
      halfUlp
          .blend(0, halfUlp.compare(VectorOperators.LT, zeroBelow))
          .blend(FloatBits.EXPONENT, powerOfTwo.compare(VectorOperators.EQ, FloatBits.EXPONENT))
          .intoMemorySegment(bounds, boundsAt + 4L * i, NATIVE);
    }
  }
}
