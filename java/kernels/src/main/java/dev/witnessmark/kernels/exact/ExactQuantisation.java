package dev.witnessmark.kernels.exact;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.ToFloat16;
import java.lang.foreign.MemorySegment;

/** Rounding of activations: the real numbers are the activations themselves. */
final class ExactQuantisation {

  /** Elements that share one of the sums of a Q8_K block. */
  private static final int SUM_ELEMENTS = 16;

  private static final int Q8_K_CODES = 4;
  private static final int Q8_K_SUMS = 260;
  private static final int Q8_0_CODES = 2;

  /** Where the factor of a block may be infinite or not, its numbers are below this. */
  private static final double VANISHING = 0x1p-120;

  /** More than the largest code, by the half that finding it rounds. */
  private static final double CODES = 128;

  /** Half a unit in the last place of a float16, as a share; and of a subnormal one. */
  private static final double HALF_SHARE = 0x1p-11;

  private static final double HALF_SUBNORMAL_HALF = 0x1p-25;

  /** From here on rounding to float16 gives infinity. */
  private static final double HALF_OVERFLOW = 65520;

  private ExactQuantisation() {}

  static Reference toFloat16(ToFloat16 o, MemorySegment values) {
    return Reference.of("halves", 1, Numbers::f16, o.elements(), i -> half(Numbers.f32(values, i)));
  }

  private static Bounded half(double x) {
    if (x == 0 || !Double.isFinite(x)) {
      return Bounded.exactly(x);
    }
    return Math.abs(x) < HALF_OVERFLOW
        ? new Bounded(x, Math.max(HALF_SHARE * Math.abs(x), HALF_SUBNORMAL_HALF))
        : Bounded.unlimited(x);
  }

  /**
   * Both types, with i the factor and d the scale that the codes were found by: q is within 1/2 of
   * fl(i·x), and d·i = 1 but for two roundings, so d·fl(i·x) is within γ_3·|x| of x and |x − d·q| ≤
   * |d|/2 + γ_3·|x|. A scale of Q8_0 is then rounded to float16, which moves d·q by at most |q| ≤
   * |x|/d + 1/2 times half a unit in the last place. Where i would be infinite, every code is 0 and
   * the error is |x|. What x itself is off is as much off in the result; the largest magnitude of a
   * block is then at most the largest with its error.
   */
  static Reference quantise(QuantiseActivations o, Given activations, SumOrder order) {
    TensorType type = o.type();
    int elements = Math.multiplyExact(o.rows(), o.columns());
    Bounded[] results = new Bounded[elements];
    for (int first = 0; first < elements; first += type.blockElements()) {
      Bounded[] block = activations.f32(first, type.blockElements());
      Bounded largest = Bounded.exactly(0);
      for (Bounded x : block) {
        double most = Math.max(largest.value(), Math.abs(x.value()) + x.error());
        boolean certain = x.error() == 0 && !Double.isFinite(x.value());
        largest = new Bounded(certain ? Double.NaN : most, Math.max(largest.error(), x.error()));
      }
      for (int e = 0; e < type.blockElements(); e++) {
        results[first + e] = coded(type, block[e], largest, order);
      }
    }
    return type == TensorType.Q8_K
        ? Reference.of("blocks", 1, ExactQuantisation::ofQ8K, results)
        : Reference.of("blocks", 1, ExactQuantisation::ofQ80, results);
  }

  /** A number of a block; with the most that its largest may be, and the largest error in it. */
  private static Bounded coded(TensorType type, Bounded number, Bounded block, SumOrder order) {
    double largest = block.value();
    double x = number.value();
    if (Double.isNaN(largest)) {
      return Bounded.exactly(largest);
    }
    if (largest > Float.MAX_VALUE) {
      return Bounded.unlimited(x);
    }
    float factor = type == TensorType.Q8_K ? 127 / (float) largest : 1 / ((float) largest / 127);
    if (Float.isInfinite(factor)) {
      return new Bounded(x, Math.abs(x));
    }
    double scaling = scaling(order);
    double magnitude = Math.abs(x) + number.error();
    double d = largest / 127 * (1 + scaling) + Bounded.HALF_SUBNORMAL;
    double error = d / 2 + scaling * magnitude + 128 * Bounded.HALF_SUBNORMAL;
    boolean certain = block.error() == 0;
    if (!certain) {
      error += number.error() + VANISHING;
    }
    if (type == TensorType.Q8_K) {
      return new Bounded(x, error);
    }
    double code = certain ? magnitude / (largest / 127) + 1 : CODES;
    return new Bounded(x, error + code * half(d).error());
  }

  /**
   * What rounding factor, scale and their products with x may add; the quotients may be 8 u more
   * off where they are not the canonical ones.
   */
  private static double scaling(SumOrder order) {
    return Bounded.gamma(order == SumOrder.CANONICAL ? 3 : 11, Bounded.U);
  }

  /** d·q, or NaN where a sum contradicts its codes. */
  private static double ofQ8K(MemorySegment blocks, long i) {
    TensorType type = TensorType.Q8_K;
    long block = i / type.blockElements() * type.blockBytes();
    long e = i % type.blockElements();
    int sum = 0;
    for (long k = e / SUM_ELEMENTS * SUM_ELEMENTS; k < (e / SUM_ELEMENTS + 1) * SUM_ELEMENTS; k++) {
      sum += Numbers.i8At(blocks, block + Q8_K_CODES + k);
    }
    if (sum != Numbers.i16At(blocks, block + Q8_K_SUMS + e / SUM_ELEMENTS * 2)) {
      return Double.NaN;
    }
    return (double) Numbers.f32At(blocks, block) * Numbers.i8At(blocks, block + Q8_K_CODES + e);
  }

  private static double ofQ80(MemorySegment blocks, long i) {
    TensorType type = TensorType.Q8_0;
    long block = i / type.blockElements() * type.blockBytes();
    long e = i % type.blockElements();
    return (double) Numbers.f16At(blocks, block) * Numbers.i8At(blocks, block + Q8_0_CODES + e);
  }
}
