package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Softmax;
import java.lang.foreign.MemorySegment;

/** Operations in which a row's values depend on all of the row. */
final class ExactRows {

  private ExactRows() {}

  /**
   * The sum of squares is off by γ of ⌈n/256⌉ + 8; so are, to half, its root and the roundings of
   * mean and ε; root, reciprocal and two products are rounded: (⌈n/256⌉/2 + 9)·u·|y| to first
   * order. Where the sum of squares underflows this is much more, and nothing can be said where it
   * may be 0.
   */
  static Reference rmsNorm(RmsNorm o, MemorySegment activations, MemorySegment weights) {
    Bounded[] results = new Bounded[Math.multiplyExact(o.rows(), o.columns())];
    BoundedSum squares = BoundedSum.of256();
    for (int row = 0; row < o.rows(); row++) {
      int first = row * o.columns();
      squares.clear();
      for (int i = 0; i < o.columns(); i++) {
        float x = Numbers.f32(activations, first + i);
        squares.addProduct(x, x);
      }
      Bounded mean = squares.total().over(Bounded.rounded(o.columns()));
      Bounded root = mean.plus(Bounded.exactly(o.epsilon())).squareRoot();
      Bounded reciprocal = Bounded.exactly(1).over(root);
      for (int i = 0; i < o.columns(); i++) {
        Bounded x = Bounded.exactly(Numbers.f32(activations, first + i));
        results[first + i] = x.times(reciprocal).times(Bounded.exactly(Numbers.f32(weights, i)));
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }

  /**
   * x − max is off by u·|x − max|, so exp by that and 2.03 u of itself. The sum is off by the mean
   * of that over its terms and γ of ⌈n/256⌉ + 7. The mean of |x − max| weighted by p is at most the
   * entropy of p, ln n. With the division: (|x − max| + ln n + ⌈n/256⌉ + 13)·u·p to first order.
   */
  static Reference softmax(Softmax o, MemorySegment scores) {
    Bounded[] results = new Bounded[Math.multiplyExact(o.rows(), o.columns())];
    BoundedSum sum = BoundedSum.of256();
    for (int row = 0; row < o.rows(); row++) {
      int first = row * o.columns();
      double largest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < o.columns(); i++) {
        largest = Math.max(largest, Numbers.f32(scores, first + i));
      }
      sum.clear();
      for (int i = 0; i < o.columns(); i++) {
        Bounded score = Bounded.exactly(Numbers.f32(scores, first + i));
        results[first + i] = score.below(largest, 0).exp();
        sum.add(results[first + i]);
      }
      Bounded total = sum.total();
      for (int i = 0; i < o.columns(); i++) {
        results[first + i] = results[first + i].over(total);
      }
    }
    return Reference.of("probabilities", 1, Numbers::f32, results);
  }
}
