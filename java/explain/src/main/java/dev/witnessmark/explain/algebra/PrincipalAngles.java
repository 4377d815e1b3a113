package dev.witnessmark.explain.algebra;

import java.util.Arrays;

/**
 * How two subspaces lie to each other.
 *
 * @param cosines of the principal angles, descending, each within [0, 1]: as many as the smaller
 *     rank
 * @param overlap {@code ‖AᵀB‖² / min(rank A, rank B)}, in [0, 1]; NaN if one is empty
 */
public record PrincipalAngles(double[] cosines, double overlap) {

  public static PrincipalAngles between(Basis a, Basis b) {
    if (a.rank() == 0 || b.rank() == 0) {
      return new PrincipalAngles(new double[0], Double.NaN);
    }
    DenseMatrix products = a.rows().timesTransposed(b.rows());
    double[] cosines = SingularVectors.decompose(products).values();
    return new PrincipalAngles(
        Arrays.stream(cosines).map(cosine -> Math.clamp(cosine, 0, 1)).toArray(),
        products.squaredNorm() / Math.min(a.rank(), b.rank()));
  }

  /** Plain mean of the cosines, NaN if there is none; no distance, unlike the overlap. */
  public double meanCosine() {
    return Arrays.stream(cosines).average().orElse(Double.NaN);
  }
}
