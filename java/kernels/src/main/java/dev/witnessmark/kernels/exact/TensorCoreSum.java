package dev.witnessmark.kernels.exact;

/**
 * A sum of products on tensor cores, whose factors are rounded to bfloat16 before.
 *
 * <p>Bfloat16 has eight significant bits and the exponents of float32, so that rounding a factor to
 * nearest costs at most 2⁻⁸ of it. PTX leaves open what becomes of subnormal factors: one below
 * 2⁻¹²⁶ may count as 0. Products of eight by eight bits are exact.
 *
 * <p>Four products or more are added to a partial sum at a time: all addends are aligned to the
 * largest and cut off below its 24th bit, and the sum is cut off once more (Fasi, Higham, Mikaitis
 * and Pranesh, Numerical behavior of NVIDIA tensor cores, 2021). A cut loses less than 2u of the
 * largest magnitude there, which is at most Σ|t̂| and what was lost before. The largest addend is
 * not cut, so that p products and a partial sum cost p cuts and that of their sum: n + ⌈n/4⌉ cuts
 * in all, 2u each. A sum that is split begins several times with no partial sum, one cut less each
 * time, which pays for adding the parts as float32. With k = 2·(n + ⌈n/4⌉) the error is at most
 * Σ|t̂ − t| + γ_k·Σ|t̂|; a cut among the subnormals may lose all that is there, which is less than
 * 2⁻¹²⁶.
 */
final class TensorCoreSum extends BoundedSum {

  /** Half a unit in the last of eight bits. */
  private static final double BFLOAT16_U = 0x1p-8;

  /** Products that are added at a time, at least. */
  private static final int PRODUCTS = 4;

  /** Cuts of a term: there are fewer than two for each. */
  private static final int CUTS = 2;

  TensorCoreSum() {
    super(ANY_ORDER, CUTS * Float.MIN_NORMAL);
  }

  @Override
  void addProduct(float x, float y) {
    addProduct(Bounded.exactly(x), Bounded.exactly(y));
  }

  @Override
  void addProduct(Bounded x, float y) {
    addProduct(x, Bounded.exactly(y));
  }

  @Override
  void addProduct(Bounded x, Bounded y) {
    super.addProduct(factor(x), factor(y));
  }

  /** A factor as it is multiplied. */
  private static Bounded factor(Bounded x) {
    double least = Math.abs(x.value()) - x.error();
    double most = Math.abs(x.value()) + x.error();
    return x.loosened(BFLOAT16_U, least < Float.MIN_NORMAL ? Math.min(most, Float.MIN_NORMAL) : 0);
  }

  @Override
  long roundings(long terms, boolean products) {
    return 2 * (terms + Math.ceilDiv(terms, PRODUCTS));
  }
}
