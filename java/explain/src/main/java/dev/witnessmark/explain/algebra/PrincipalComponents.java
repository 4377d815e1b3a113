package dev.witnessmark.explain.algebra;

/** Leading right singular vectors of samples, with their mean or without. */
public final class PrincipalComponents {

  private PrincipalComponents() {}

  /**
   * The leading {@code k} directions of {@code samples} {@code [n, width]} about their mean, at
   * most their numeric rank; none of a single sample. The mean itself is not among them. (The
   * published procedure returns k columns always, arbitrary ones beyond the rank.)
   */
  public static Basis centred(DenseMatrix samples, int k) {
    return samples.rows() <= 1
        ? Basis.empty(samples.columns())
        : SingularVectors.right(samples.centred(), k);
  }

  /** The same about the origin, so that the mean counts. */
  public static Basis uncentred(DenseMatrix samples, int k) {
    return SingularVectors.right(samples, k);
  }
}
