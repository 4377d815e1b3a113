package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Operations in which a row's values depend on all of the row. */
final class ExactRows {

  private ExactRows() {}

  /**
   * The sum of squares is off by γ of ⌈n/256⌉ + 8; so are, to half, its root and the roundings of
   * mean and ε; root, reciprocal and two products are rounded: (⌈n/256⌉/2 + 9)·u·|y| to first
   * order. Where the sum of squares underflows this is much more, and nothing can be said where it
   * may be 0.
   */
  static Reference rmsNorm(RmsNorm o, Given activations, Given weights, SumOrder order) {
    Bounded[] results = new Bounded[Math.multiplyExact(o.rows(), o.columns())];
    BoundedSum squares = order.of256();
    for (int row = 0; row < o.rows(); row++) {
      int first = row * o.columns();
      squares.clear();
      for (int i = 0; i < o.columns(); i++) {
        Bounded x = activations.f32(first + i);
        squares.addProduct(x, x);
      }
      Bounded mean = order.quotient(squares.total(), Bounded.rounded(o.columns()));
      Bounded root = order.root(mean.plus(Bounded.exactly(o.epsilon())));
      Bounded reciprocal = order.quotient(Bounded.exactly(1), root);
      for (int i = 0; i < o.columns(); i++) {
        results[first + i] = activations.f32(first + i).times(reciprocal).times(weights.f32(i));
      }
    }
    return Reference.of("results", 2, Numbers::f32, results);
  }

  /**
   * x − max is off by u·|x − max|, so exp by that and 2.03 u of itself. The sum is off by the mean
   * of that over its terms and γ of ⌈n/256⌉ + 7. The mean of |x − max| weighted by p is at most the
   * entropy of p, ln n. With the division: (|x − max| + ln n + ⌈n/256⌉ + 13)·u·p to first order.
   */
  static Reference softmax(Softmax o, Given scores, SumOrder order) {
    Bounded[] results = new Bounded[Math.multiplyExact(o.rows(), o.columns())];
    for (int row = 0; row < o.rows(); row++) {
      softmax(scores, row * o.columns(), o.columns(), order, results);
    }
    return Reference.of("probabilities", 1, Numbers::f32, results);
  }

  /** {@link #softmax} of the positions seen; the others are 0. */
  static Reference causalSoftmax(CausalSoftmax o, Given scores, SumOrder order) {
    Bounded[] results = new Bounded[scores.count()];
    Arrays.fill(results, Bounded.exactly(0));
    for (int row = 0; row < o.heads() * o.queries(); row++) {
      int visible = o.mask().visible(row % o.queries());
      softmax(scores, row * o.cached(), visible, order, results);
    }
    return Reference.of("probabilities", 1, Numbers::f32, results);
  }

  /** Where scores have errors, the largest one has too: see {@link Bounded#below}. */
  private static void softmax(
      Given scores, int first, int columns, SumOrder order, Bounded[] results) {
    double largest = Double.NEGATIVE_INFINITY;
    double largestError = 0;
    for (int i = 0; i < columns; i++) {
      Bounded score = scores.f32(first + i);
      largest = Math.max(largest, score.value());
      largestError = Math.max(largestError, score.error());
    }
    BoundedSum sum = order.of256();
    for (int i = 0; i < columns; i++) {
      results[first + i] = order.exp(scores.f32(first + i).below(largest, largestError));
      sum.add(results[first + i]);
    }
    Bounded total = sum.total().shifted(largestError);
    for (int i = 0; i < columns; i++) {
      results[first + i] = order.quotient(results[first + i].shifted(largestError), total);
    }
  }

  /** Σ w_j·x_j by fma one after the other: γ of as many roundings as there are terms. */
  static Reference weightedSum(WeightedSum o, Given parts, Given weights, SumOrder order) {
    BoundedSum sum = order.inOrder();
    return Reference.of(
        "results",
        2,
        Numbers::f32,
        (long) o.tokens() * o.columns(),
        i -> {
          sum.clear();
          for (int j = 0; j < o.used(); j++) {
            long part = (long) (i / o.columns()) * o.used() + j;
            Bounded x = parts.f32(part * o.columns() + i % o.columns());
            sum.addProduct(weights.f32(part), x);
          }
          return sum.total();
        });
  }

  /** One division: u·|ratio|. Rounding keeps the order, so the largest is that of the largest. */
  static Reference crushedBlocks(CrushedBlocks o, MemorySegment activations, SumOrder order) {
    return Reference.of(
        "ratios",
        1,
        Numbers::f32,
        o.rows(),
        row -> {
          Bounded most = Bounded.exactly(0);
          for (int block = 0; block < o.columns() / o.block(); block++) {
            long first = (long) row * o.columns() + (long) block * o.block();
            double[] magnitudes =
                IntStream.range(0, o.block())
                    .mapToDouble(i -> Math.abs(Numbers.f32(activations, first + i)))
                    .sorted() // NaN is the last
                    .toArray();
            Bounded largest = Bounded.exactly(magnitudes[o.block() - 1]);
            Bounded ratio = order.quotient(largest, Bounded.exactly(magnitudes[o.block() - 2]));
            if (largest.value() != 0 && !(ratio.value() <= most.value())) {
              most = most.certainNaN() ? most : ratio;
            }
          }
          return most;
        });
  }
}
