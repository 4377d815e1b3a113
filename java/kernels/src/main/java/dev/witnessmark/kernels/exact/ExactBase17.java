package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.operation.Base17;
import java.lang.foreign.MemorySegment;

/**
 * Row fingerprints before they are rounded to integers: the mean of n elements is off by γ of n + 1
 * (n − 1 additions, the division, and the real number here) with u = 2⁻⁵³, and rounding takes 1/2.
 */
final class ExactBase17 {

  private static final double ROUNDING = 0x1p-53;

  private ExactBase17() {}

  static Reference of(Base17 o, MemorySegment rows) {
    Bounded[] means = new Bounded[Math.multiplyExact(o.rows(), Base17.DIMENSIONS)];
    for (int row = 0; row < o.rows(); row++) {
      float[] elements = ExactDecoding.row(o.type(), rows, row, o.columns());
      for (int dimension = 0; dimension < Base17.DIMENSIONS; dimension++) {
        means[row * Base17.DIMENSIONS + dimension] = mean(o, elements, dimension);
      }
    }
    return Reference.of("fingerprints", 1, Numbers::i16, means);
  }

  private static Bounded mean(Base17 o, float[] elements, int dimension) {
    CompensatedSum sum = new CompensatedSum();
    double magnitudes = 0;
    int count = 0;
    int column = Base17.GOLDEN_STEP * dimension % Base17.DIMENSIONS;
    long step = (long) Base17.DIMENSIONS * o.stride();
    for (long i = column; i < elements.length; i += step) {
      float x = elements[(int) i];
      sum.add(x);
      magnitudes += Math.abs(x);
      count++;
    }
    double mean = sum.value() / count * Base17.SCALE;
    if (Double.isNaN(mean)) {
      return Bounded.exactly(0);
    }
    double clamped = Math.clamp(mean, Short.MIN_VALUE, Short.MAX_VALUE);
    return Double.isInfinite(mean)
        ? Bounded.exactly(clamped)
        : new Bounded(
            clamped, 0.5 + Bounded.gamma(count + 2L, ROUNDING) * magnitudes / count * Base17.SCALE);
  }
}
