package dev.witnessmark.explain.algebra;

/**
 * Eigenvalues of a symmetric matrix with their vectors.
 *
 * @param values in the order that was asked for
 * @param vectors {@code [values, order]}, one orthonormal vector per row
 */
public record EigenPairs(double[] values, DenseMatrix vectors) {

  /**
   * Singular values below this share of the largest are rounding where squares were decomposed:
   * squaring halves the digits.
   */
  public static final double GRAM_TOLERANCE = 1e-7;

  /** A largest singular value up to this is zero. */
  static final double NOTHING = 1e-12;

  /** Square roots of the values, zero where rounding left one below it. */
  public double[] singularValues() {
    double[] roots = new double[values.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(Math.max(0, values[i]));
    }
    return roots;
  }

  /**
   * The leading {@code k} vectors of a Gram matrix whose eigenvalues are here in descending order,
   * at least k + 1 of them where there are so many; fewer if its numeric rank is lower.
   */
  public Basis leading(int k) {
    return SingularVectors.leading(singularValues(), vectors, k, GRAM_TOLERANCE);
  }

  /**
   * The leading {@code k} vectors of a matrix that is decomposed for its own sake: as {@link
   * #leading}, but the gap is that of the eigenvalues, not of their roots.
   */
  public Basis eigenspace(int k) {
    Basis basis = leading(k);
    if (basis.rank() < k || k >= values.length) {
      return basis;
    }
    return new Basis(basis.rows(), (values[k - 1] - values[k]) / values[k - 1]);
  }
}
