package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.numerics.Numerics;

/**
 * A real number and how far the canonical float32 that stands for it may be from it. Every method
 * is one operation of the canonical arithmetic: it computes the real result in double and adds to
 * the error that the operands bring along (to first and second order) what rounding once may add.
 *
 * <p>The model (Higham, Accuracy and Stability of Numerical Algorithms, 2.2): fl(x ∘ y) = (x ∘ y)(1
 * + δ) + η with |δ| ≤ u = 2⁻²⁴ and |η| ≤ 2⁻¹⁵⁰, η = 0 unless the result is subnormal, and always 0
 * for sums, which are exact there. {@link #U} is u and 2⁻⁴⁴ more, which leaves room for the
 * roundings of the doubles.
 *
 * <p>Where a result may leave the range of floats, or depends on an infinity that may also be
 * something else, no bound can be given and the error is infinite. A NaN or an infinity with error
 * 0 is certain.
 *
 * @param value the real number
 * @param error bound of |canonical − value|
 */
record Bounded(double value, double error) {

  /** Unit roundoff of float32, and room for doubles. */
  static final double U = 0x1p-24 * (1 + 0x1p-20);

  /** Half of the smallest float. */
  static final double HALF_SUBNORMAL = 0x1p-150;

  /** A number that the canonical arithmetic has as it is. */
  static Bounded exactly(double value) {
    return new Bounded(value, 0);
  }

  /** A real number rounded once to float32; one that is a float is not rounded at all. */
  static Bounded rounded(double value) {
    return value == (float) value ? exactly(value) : rounded(value, 0, HALF_SUBNORMAL);
  }

  /** A number that nothing can be said about. */
  static Bounded unlimited(double value) {
    return new Bounded(value, Double.POSITIVE_INFINITY);
  }

  /** γ_k = k·u/(1 − k·u): bounds k factors 1 + δ with |δ| ≤ u (Higham, lemma 3.1). */
  static double gamma(long k, double u) {
    return k * u / (1 - k * u);
  }

  private static Bounded rounded(double value, double inherited, double underflow) {
    if (Double.isNaN(value)) {
      return exactly(value);
    }
    double magnitude = Math.abs(value) + inherited;
    if (magnitude == 0) {
      return exactly(value);
    }
    double error = inherited + U * magnitude + underflow;
    return magnitude + error > Float.MAX_VALUE ? unlimited(value) : new Bounded(value, error);
  }

  Bounded negated() {
    return new Bounded(-value, error);
  }

  Bounded plus(Bounded other) {
    double sum = value + other.value;
    return bothFinite(other) ? rounded(sum, error + other.error, 0) : nonFinite(sum, other, true);
  }

  Bounded times(Bounded other) {
    double product = value * other.value;
    return bothFinite(other)
        ? rounded(product, productError(other), HALF_SUBNORMAL)
        : nonFinite(product, other, certainlyNotZero() && other.certainlyNotZero());
  }

  /** this · factor + addend with one rounding. */
  Bounded timesPlus(Bounded factor, Bounded addend) {
    if (bothFinite(factor) && bothFinite(addend)) {
      return rounded(
          value * factor.value + addend.value, productError(factor) + addend.error, HALF_SUBNORMAL);
    }
    return times(factor).plus(addend);
  }

  /** What the product inherits: |x̂·ŷ − x·y|. */
  double productError(Bounded other) {
    return Math.abs(value) * other.error + Math.abs(other.value) * error + error * other.error;
  }

  /** x̂/ŷ − x/y = (x̂ − x)/ŷ + (x/y)·(y − ŷ)/ŷ, and |ŷ| ≥ |y| − error. */
  Bounded over(Bounded divisor) {
    double quotient = value / divisor.value;
    if (!bothFinite(divisor) || divisor.value == 0) {
      boolean byZero = divisor.value == 0 && divisor.error == 0 && certainlyNotZero();
      boolean byOther = divisor.value != 0 && divisor.certainlyNotZero();
      return nonFinite(quotient, divisor, byZero || byOther);
    }
    double least = Math.abs(divisor.value) - divisor.error;
    return least > 0
        ? rounded(quotient, (error + Math.abs(quotient) * divisor.error) / least, HALF_SUBNORMAL)
        : unlimited(quotient);
  }

  /** |√x̂ − √x| = |x̂ − x|/(√x̂ + √x); x is not negative. */
  Bounded squareRoot() {
    double root = Math.sqrt(value);
    if (!Double.isFinite(value) || !Double.isFinite(error)) {
      return new Bounded(root, error);
    }
    double sum = root + Math.sqrt(Math.max(0, value - error));
    return rounded(root, error == 0 ? 0 : Math.min(error / sum, Math.sqrt(error)), 0);
  }

  /**
   * This minus the largest of several such numbers, for {@link #exp}, whose sums are to be {@link
   * #shifted}. The largest float belongs to this row only, so what it is off is left out here (a
   * common factor of all exponentials is divided out again); it is known to be at most {@code
   * largestError}. A difference that is below all floats is as good as any that exp gives 0 for.
   */
  Bounded below(double largest, double largestError) {
    double difference = value - largest;
    if (certainNaN()) {
      return this;
    }
    if (!Double.isFinite(error + largestError)) {
      return unlimited(difference);
    }
    return Double.isFinite(difference)
        ? new Bounded(difference, error + U * (Math.abs(difference) + error + largestError))
        : exactly(difference);
  }

  /** The canonical exponential. */
  Bounded exp() {
    return exp(Numerics.EXP_ULPS);
  }

  /**
   * exp(x̂)(1 + ε) − exp(x) with |x̂ − x| ≤ error: at most exp(x)·((1 + ε)·(exp(error) − 1) + ε). A
   * unit in the last place is at most 2u of the result.
   *
   * @param ulps units in the last place that exp itself may be off
   */
  Bounded exp(double ulps) {
    double power = Math.exp(value);
    if (Double.isNaN(value) || value == Double.NEGATIVE_INFINITY) {
      return new Bounded(power, error);
    }
    if (value + error > Numerics.EXP_OVERFLOW) {
      return unlimited(power);
    }
    double inherited = error < 1 ? power * Math.expm1(error) : Math.exp(value + error);
    double share = 2 * ulps * U;
    return new Bounded(power, inherited + share * (power + inherited) + ulps * Float.MIN_VALUE);
  }

  /** With a larger error: by a share of the largest magnitude, and by an amount. */
  Bounded loosened(double share, double amount) {
    if (error == 0 && (value == 0 || !Double.isFinite(value))) {
      return this;
    }
    double magnitude = Math.abs(value) + error;
    double larger = error + share * magnitude + amount;
    return magnitude + larger <= Float.MAX_VALUE ? new Bounded(value, larger) : unlimited(value);
  }

  /**
   * A sum of what {@link #below} and exp gave. The canonical numbers are larger by the common
   * factor exp(max − canonical max), at least exp(−largestError). Against numbers without it, what
   * underflow adds to their error weighs that much more.
   */
  Bounded shifted(double largestError) {
    return error == 0 ? this : new Bounded(value, error * Math.exp(largestError));
  }

  private boolean bothFinite(Bounded other) {
    return Double.isFinite(value)
        && Double.isFinite(error)
        && Double.isFinite(other.value)
        && Double.isFinite(other.error);
  }

  private boolean certainlyNotZero() {
    return Math.abs(value) > error || error == 0;
  }

  boolean certainNaN() {
    return Double.isNaN(value) && error == 0;
  }

  private Bounded nonFinite(double result, Bounded other, boolean certain) {
    boolean sure =
        certainNaN()
            || other.certainNaN()
            || (certain && Double.isFinite(error) && Double.isFinite(other.error));
    return sure ? exactly(result) : unlimited(result);
  }
}
