package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.numerics.Numerics;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Numerics#exp}, a vector at a time, with its bits. */
final class VectorExp {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /**
   * Added and subtracted again, it rounds a number below 2²² to the nearest even integer. Only the
   * sign of a zero may be lost, and n = ±0 gives the same result.
   */
  private static final float ROUND = 0x1.8p23f;

  private static final int BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  /** Two vectors: integers on their way to floats of the same bits. */
  private final MemorySegment powers = Scratch.allocate(2L * FLOATS.vectorByteSize());

  /** {@code to[i] = exp(sign · x[i] − shift)}, in place if it is the same memory. */
  void apply(
      MemorySegment x,
      long at,
      float sign,
      float shift,
      int elements,
      MemorySegment to,
      long toAt) {
    int whole = FLOATS.loopBound(elements);
    apply(x, at, sign, shift, whole, to, toAt, powers);
    for (int i = whole; i < elements; i++) {
      Values.setF32At(to, toAt + 4L * i, Numerics.exp(sign * Values.f32At(x, at + 4L * i) - shift));
    }
  }

  private static void apply(
      MemorySegment from,
      long at,
      float sign,
      float shift,
      int elements,
      MemorySegment to,
      long toAt,
      MemorySegment powers) {
    int second = FLOATS.vectorByteSize();
    for (int i = 0; i < elements; i += FLOATS.length()) {
      FloatVector x =
          FloatVector.fromMemorySegment(FLOATS, from, at + 4L * i, LITTLE).mul(sign).sub(shift);
      FloatVector n = x.mul(Numerics.LOG2_E).add(ROUND).sub(ROUND);
      FloatVector minusN = n.neg();
      FloatVector r =
          minusN.fma(
              FloatVector.broadcast(FLOATS, Numerics.LN2_LOW),
              minusN.fma(FloatVector.broadcast(FLOATS, Numerics.LN2_HIGH), x));
      FloatVector p =
          r.fma(
              FloatVector.broadcast(FLOATS, Numerics.EXP_5),
              FloatVector.broadcast(FLOATS, Numerics.EXP_4));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Numerics.EXP_3));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Numerics.EXP_2));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Numerics.EXP_1));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Numerics.EXP_0));
      FloatVector y = p.fma(r.mul(r), r).add(1);
      IntVector exponent = (IntVector) n.convertShape(VectorOperators.F2I, INTS, 0);
      IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
      half.add(BIAS)
          .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
          .intoMemorySegment(powers, 0, LITTLE);
      exponent
          .sub(half)
          .add(BIAS)
          .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
          .intoMemorySegment(powers, second, LITTLE);
      y.mul(FloatVector.fromMemorySegment(FLOATS, powers, 0, LITTLE))
          .mul(FloatVector.fromMemorySegment(FLOATS, powers, second, LITTLE))
          .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, Numerics.EXP_OVERFLOW))
          .blend(0, x.compare(VectorOperators.LT, Numerics.EXP_UNDERFLOW))
          .intoMemorySegment(to, toAt + 4L * i, LITTLE);
    }
  }
}
