package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.CompensatedSum;

/**
 * A sum in float32, as a real number with its bound: a canonical one in lanes ({@link
 * dev.witnessmark.kernels.numerics.FloatLanes}), or one in any order.
 *
 * <p>Of n terms in L lanes, a term passes through at most ⌈n/L⌉ − 1 additions in its lane, where
 * the first one, to +0, is exact, and ⌈log2 min(n, L)⌉ additions of lanes that are not empty; a
 * product added by fma is rounded once more. With k the sum of these, and t̂ the terms as the
 * canonical arithmetic has them, the error is at most Σ|t̂ − t| + γ_k·Σ|t̂| (Higham, 4.2), and
 * 2⁻¹⁵⁰ for every fma whose product is not 0, because it may end among the subnormals. Where Σ|t̂|
 * and that leave the range of floats, a partial sum may, and there is no bound.
 *
 * <p>In any order, and with fma or without, a term passes through at most n − 1 additions, and a
 * product is rounded once more: k is n − 1, or n where terms are products (Higham, 4.2 and 3.1).
 */
sealed class BoundedSum permits TensorCoreSum {

  static final int ANY_ORDER = 0;

  /** What a product or a sum may lose among the subnormals. */
  private final double underflow;

  private final int lanes;
  private final CompensatedSum sum = new CompensatedSum();
  private double magnitudes;
  private double errors;
  private long terms;
  private boolean products;
  private boolean certainNaN;

  BoundedSum(int lanes, double underflow) {
    this.lanes = lanes;
    this.underflow = underflow;
  }

  /** One term after the other. */
  static BoundedSum inOrder() {
    return new BoundedSum(1, Bounded.HALF_SUBNORMAL);
  }

  /** The lanes of dot256 and sum256. */
  static BoundedSum of256() {
    return new BoundedSum(256, Bounded.HALF_SUBNORMAL);
  }

  /** The lanes of sums over blocks and cached positions. */
  static BoundedSum of8() {
    return new BoundedSum(8, Bounded.HALF_SUBNORMAL);
  }

  /** A sum in any order, with or without fma. */
  static BoundedSum inAnyOrder() {
    return new BoundedSum(ANY_ORDER, Bounded.HALF_SUBNORMAL);
  }

  /** Forgets all terms. */
  void clear() {
    sum.clear();
    magnitudes = 0;
    errors = 0;
    terms = 0;
    products = false;
    certainNaN = false;
  }

  /** Adds a term. */
  void add(Bounded term) {
    add(term.value(), term.error());
  }

  /** Adds a product of two floats with one rounding. */
  void addProduct(float x, float y) {
    double product = (double) x * y;
    products = true;
    add(product, product != 0 && Double.isFinite(product) ? underflow : 0);
  }

  /** Adds a product with one rounding. */
  void addProduct(Bounded x, float y) {
    double product = x.value() * y;
    products = true;
    if (Double.isFinite(product) && Double.isFinite(x.error())) {
      double inherited = x.error() * Math.abs(y);
      add(product, product == 0 && inherited == 0 ? 0 : inherited + underflow);
    } else {
      add(x.times(Bounded.exactly(y)));
    }
  }

  /** Adds a product with one rounding. */
  void addProduct(Bounded x, Bounded y) {
    double product = x.value() * y.value();
    double inherited = x.productError(y);
    products = true;
    if (Double.isFinite(product) && Double.isFinite(inherited)) {
      add(product, product == 0 && inherited == 0 ? 0 : inherited + underflow);
    } else {
      add(x.times(y));
    }
  }

  private void add(double term, double error) {
    terms++;
    sum.add(term);
    errors += error;
    certainNaN |= Double.isNaN(term) && error == 0;
    if (Double.isFinite(term)) {
      magnitudes += Math.abs(term);
    }
  }

  /** The sum. */
  Bounded total() {
    double total = sum.value();
    if (certainNaN || terms == 0) {
      return Bounded.exactly(total);
    }
    double error =
        errors + Bounded.gamma(roundings(terms, products), Bounded.U) * (magnitudes + errors);
    if (!(magnitudes + error <= Float.MAX_VALUE)) {
      return Bounded.unlimited(total);
    }
    return Double.isFinite(total) ? new Bounded(total, error) : Bounded.exactly(total);
  }

  /**
   * How many roundings a term goes through at most.
   *
   * @param products whether terms are products
   */
  long roundings(long terms, boolean products) {
    if (lanes == ANY_ORDER) {
      return terms - (products ? 0 : 1);
    }
    long inLane = Math.ceilDiv(terms, lanes) - (products ? 0 : 1);
    long occupied = Math.min(terms, lanes);
    return inLane + Long.SIZE - Long.numberOfLeadingZeros(occupied - 1);
  }
}
