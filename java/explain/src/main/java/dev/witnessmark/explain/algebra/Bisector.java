package dev.witnessmark.explain.algebra;

/**
 * The directions halfway between two subspaces: {@code A·u + B·v} for the singular vectors of
 * {@code AᵀB = U·S·Vᵀ}, normalised. They are at right angles to each other as they are. As many as
 * were asked for come back even where the cosines are near zero, which therefore are here too.
 *
 * @param basis the directions
 * @param cosines of all principal angles, descending
 */
public record Bisector(Basis basis, double[] cosines) {

  /** The first {@code k} directions between {@code a} and {@code b}. */
  public static Bisector between(Basis a, Basis b, int k) {
    int count = Math.min(k, Math.min(a.rank(), b.rank()));
    if (count == 0) {
      return new Bisector(Basis.empty(a.dimension()), new double[0]);
    }
    SingularVectors.Decomposition svd =
        SingularVectors.decompose(a.rows().timesTransposed(b.rows()));
    DenseMatrix sums =
        svd.left()
            .rows(0, count)
            .times(a.rows())
            .plus(1, svd.right().rows(0, count).times(b.rows()));
    return new Bisector(new Basis(sums.normalisedRows(), Double.NaN), svd.values());
  }
}
