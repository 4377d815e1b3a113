package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;

/** Operations in which every value, or pair of values, stands alone. */
final class ExactElementwise {

  /** Above the slope of silu, with room for the roundings of a result. */
  private static final double SLOPE = 1.2;

  private ExactElementwise() {}

  /** One rounding: u·|y|; there is no underflow in a sum. */
  static Reference add(Add o, Given a, Given b) {
    return Reference.of("results", 2, Numbers::f32, o.elements(), i -> a.f32(i).plus(b.f32(i)));
  }

  /** As {@link #add}. */
  static Reference addBias(AddBias o, Given activations, Given bias) {
    return Reference.of(
        "results",
        2,
        Numbers::f32,
        (long) o.rows() * o.columns(),
        i -> activations.f32(i).plus(bias.f32(i % o.columns())));
  }

  /** {@link #gatedSilu} without the product: 4.03 u·|y| to first order. */
  static Reference silu(Silu o, Given gate, SumOrder order) {
    return Reference.of("results", 1, Numbers::f32, o.elements(), i -> silu(gate.f32(i), order));
  }

  /**
   * g/(1 + e)·up with e = exp(−g): e is off by 2.03 u·e, which is at most as much of 1 + e; the
   * addition, the division and the product are rounded: 5.03 u·|y| to first order.
   */
  static Reference gatedSilu(GatedSilu o, Given gate, Given up, SumOrder order) {
    return Reference.of(
        "results", 2, Numbers::f32, o.elements(), i -> silu(gate.f32(i), order).times(up.f32(i)));
  }

  /**
   * Where exp(−g) is infinite, the canonical quotient is −0, or NaN for g = −∞, and the error is
   * all of the real one: at most 89·exp(−88.7) = 2.7e−37, no subnormal. Where g has an error, and
   * the exponential may be infinite or not, that of the quotient is also what it inherits: the
   * slope of silu is below 1.1.
   */
  private static Bounded silu(Bounded g, SumOrder order) {
    double value = g.value() / (1 + Math.exp(-g.value()));
    if (g.error() - g.value() > Numerics.EXP_OVERFLOW && g.error() < Double.POSITIVE_INFINITY) {
      return Double.isNaN(value)
          ? Bounded.exactly(value)
          : new Bounded(value, Math.abs(value) + SLOPE * g.error());
    }
    return order.quotient(g, Bounded.exactly(1).plus(order.exp(g.negated())));
  }

  /**
   * x0·c − x1·s by one product and one fma: u·(|x1·s| + |y|), and likewise for the other. Cosine
   * and sine are those of the table: what rounding the table costs, u·(|x0·c| + |x1·s|), is not in
   * it.
   */
  static Reference rotary(Rotary o, Given activations, Given table, SumOrder order) {
    Bounded[] results = activations.f32(0, activations.count());
    boolean interleaved = o.layout() == Rotary.Layout.INTERLEAVED;
    int half = o.rotated() / 2;
    for (int vector = 0; vector < o.positions() * o.heads(); vector++) {
      for (int pair = 0; pair < half; pair++) {
        int first = vector * o.headSize() + (interleaved ? 2 * pair : pair);
        int second = first + (interleaved ? 1 : half);
        long angle = (long) (vector / o.heads()) * o.rotated() + 2L * pair;
        Bounded c = table.f32(angle);
        Bounded s = table.f32(angle + 1);
        Bounded x0 = results[first];
        Bounded x1 = results[second];
        results[first] = order.product(x0, c, x1.times(s).negated());
        results[second] = order.product(x0, s, x1.times(c));
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }
}
