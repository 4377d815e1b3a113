package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import java.lang.foreign.MemorySegment;

/** Operations in which every value, or pair of values, stands alone. */
final class ExactElementwise {

  private ExactElementwise() {}

  /** One rounding: u·|y|; there is no underflow in a sum. */
  static Reference add(Add o, MemorySegment a, MemorySegment b) {
    return Reference.of(
        "results",
        2,
        Numbers::f32,
        o.elements(),
        i -> Bounded.exactly(Numbers.f32(a, i)).plus(Bounded.exactly(Numbers.f32(b, i))));
  }

  /** As {@link #add}. */
  static Reference addBias(AddBias o, MemorySegment activations, MemorySegment bias) {
    return Reference.of(
        "results",
        2,
        Numbers::f32,
        (long) o.rows() * o.columns(),
        i ->
            Bounded.exactly(Numbers.f32(activations, i))
                .plus(Bounded.exactly(Numbers.f32(bias, i % o.columns()))));
  }

  /** {@link #gatedSilu} without the product: 4.03 u·|y| to first order. */
  static Reference silu(Silu o, MemorySegment gate) {
    return Reference.of("results", 1, Numbers::f32, o.elements(), i -> silu(Numbers.f32(gate, i)));
  }

  /**
   * g/(1 + e)·up with e = exp(−g): e is off by 2.03 u·e, which is at most as much of 1 + e; the
   * addition, the division and the product are rounded: 5.03 u·|y| to first order.
   */
  static Reference gatedSilu(GatedSilu o, MemorySegment gate, MemorySegment up) {
    return Reference.of(
        "results",
        2,
        Numbers::f32,
        o.elements(),
        i -> silu(Numbers.f32(gate, i)).times(Bounded.exactly(Numbers.f32(up, i))));
  }

  /**
   * Where exp(−g) is infinite, the canonical quotient is −0, or NaN for g = −∞, and the error is
   * all of the real one: at most 89·exp(−88.7) = 2.7e−37, no subnormal.
   */
  private static Bounded silu(float gate) {
    Bounded g = Bounded.exactly(gate);
    if (-gate > Numerics.EXP_OVERFLOW) {
      double value = gate / (1 + Math.exp(-gate));
      return new Bounded(value, Double.isNaN(value) ? 0 : -value);
    }
    return g.over(Bounded.exactly(1).plus(g.negated().exp()));
  }

  /**
   * x0·c − x1·s by one product and one fma: u·(|x1·s| + |y|), and likewise for the other. Cosine
   * and sine are those of the table: what rounding the table costs, u·(|x0·c| + |x1·s|), is not in
   * it.
   */
  static Reference rotary(Rotary o, MemorySegment activations, MemorySegment table) {
    Bounded[] results = new Bounded[Math.toIntExact(activations.byteSize() / Float.BYTES)];
    for (int i = 0; i < results.length; i++) {
      results[i] = Bounded.exactly(Numbers.f32(activations, i));
    }
    boolean interleaved = o.layout() == Rotary.Layout.INTERLEAVED;
    int half = o.rotated() / 2;
    for (int vector = 0; vector < o.positions() * o.heads(); vector++) {
      for (int pair = 0; pair < half; pair++) {
        int first = vector * o.headSize() + (interleaved ? 2 * pair : pair);
        int second = first + (interleaved ? 1 : half);
        long angle = (long) (vector / o.heads()) * o.rotated() + 2L * pair;
        Bounded c = Bounded.exactly(Numbers.f32(table, angle));
        Bounded s = Bounded.exactly(Numbers.f32(table, angle + 1));
        Bounded x0 = results[first];
        Bounded x1 = results[second];
        results[first] = x0.timesPlus(c, x1.times(s).negated());
        results[second] = x0.timesPlus(s, x1.times(c));
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }
}
