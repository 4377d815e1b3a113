package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.Summary;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * A summary's sums as they would be without rounding, and what else it says by its definition.
 *
 * <p>The canonical sums are in double, so u is 2⁻⁵³: of n values a term passes through at most
 * ⌈min(n, 4096)/16⌉ + 4 additions in its segment and ⌈n/2²⁰⌉ + 8 of segments, and the real sum is
 * rounded here once: γ of that many times Σ|terms|.
 */
final class ExactSummary {

  private static final double ROUNDING = 0x1p-53;

  private ExactSummary() {}

  static List<Reference> of(Summarise o, MemorySegment values) {
    CompensatedSum sum = new CompensatedSum();
    CompensatedSum squares = new CompensatedSum();
    double magnitudes = 0;
    long hash = 0;
    long nans = 0;
    long positive = 0;
    long negative = 0;
    long zeros = 0;
    long index = -1;
    double most = -1;
    double smallest = Double.POSITIVE_INFINITY;
    double largest = Double.NEGATIVE_INFINITY;
    for (long i = 0; i < o.elements(); i++) {
      long bits = Integer.toUnsignedLong(Numbers.i32(values, i));
      hash += new SplittableRandom(Long.rotateLeft(i, 32) ^ bits).nextLong();
      double x = Numbers.f32(values, i);
      if (Double.isFinite(x)) {
        sum.add(x);
        squares.add(x * x);
        magnitudes += Math.abs(x);
        zeros += x == 0 ? 1 : 0;
        smallest = Math.min(smallest, x);
        largest = Math.max(largest, x);
        index = Math.abs(x) > most ? i : index;
        most = Math.max(most, Math.abs(x));
      } else {
        nans += Double.isNaN(x) ? 1 : 0;
        positive += x == Double.POSITIVE_INFINITY ? 1 : 0;
        negative += x == Double.NEGATIVE_INFINITY ? 1 : 0;
      }
    }
    boolean none = index < 0;
    long inSegment = Math.min(o.elements(), Summarise.SEGMENT);
    double gamma =
        Bounded.gamma(
            Math.ceilDiv(inSegment, 16) + Math.ceilDiv(o.segments(), Summarise.FOLDED) + 13,
            ROUNDING);
    return List.of(
        field("sum", new Bounded(sum.value(), gamma * magnitudes), Summary::sum),
        field("squares", new Bounded(squares.value(), gamma * squares.value()), Summary::squares),
        integer("upper half of hash", hash >>> 32, s -> s.hash() >>> 32),
        integer("lower half of hash", hash & 0xffff_ffffL, s -> s.hash() & 0xffff_ffffL),
        integer("NaN", nans, Summary::nans),
        integer("+∞", positive, Summary::positiveInfinities),
        integer("−∞", negative, Summary::negativeInfinities),
        integer("zeros", zeros, Summary::zeros),
        integer("index of largest magnitude", index, Summary::indexOfLargest),
        exact("largest magnitude", none ? 0 : most, Summary::largestMagnitude),
        exact("smallest", none ? 0 : smallest, Summary::smallest),
        exact("largest", none ? 0 : largest, Summary::largest));
  }

  /** An integer below 2⁵³. */
  private static Reference integer(String name, long value, ToLongFunction<Summary> field) {
    return exact(name, (double) value, summary -> (double) field.applyAsLong(summary));
  }

  private static Reference exact(String name, double value, ToDoubleFunction<Summary> field) {
    return field(name, Bounded.exactly(value), field);
  }

  private static Reference field(String name, Bounded value, ToDoubleFunction<Summary> field) {
    return Reference.of(
        "summary: " + name, 1, (bytes, i) -> field.applyAsDouble(Summary.of(bytes)), 1, i -> value);
  }
}
