package dev.witnessmark.explain.algebra;

import java.util.List;

/**
 * The planes in which one set of samples is turned against another: left singular vectors of {@code
 * R − Rᵀ} for the rotation R that best maps the one onto the other. Only the part of R that the
 * data determine is used, {@code U_r·V_rᵀ} with r the numeric rank of the cross-covariance, and
 * whole planes only. (The published procedure fills the rest of R arbitrarily, so that its planes
 * cannot be reproduced.)
 *
 * @param basis the planes, the most turned first
 * @param skewValues singular values of {@code R − Rᵀ}, in pairs: 2·sin of the angle of each plane
 * @param determined numeric rank of the cross-covariance
 */
public record RotationPlanes(Basis basis, double[] skewValues, int determined) {

  /** Dimensions of the space shared by both sets in which the rotation is sought. */
  private static final int MOST_JOINT = 32;

  /** Planes from {@code x} to {@code y}, both {@code [samples, width]}; at most {@code k / 2}. */
  public static RotationPlanes between(DenseMatrix x, DenseMatrix y, int k) {
    int width = x.columns();
    int most = Math.min(Math.min(MOST_JOINT, x.rows() + y.rows() - 2), width);
    Basis joint = PrincipalComponents.centred(DenseMatrix.stack(List.of(x, y)), most);
    if (joint.rank() < 2) {
      return new RotationPlanes(Basis.empty(width), new double[0], 0);
    }
    DenseMatrix from = x.centred().timesTransposed(joint.rows());
    DenseMatrix to = y.centred().timesTransposed(joint.rows());
    SingularVectors.Decomposition cross = SingularVectors.decompose(from.transposedTimes(to));
    int rank = cross.rank();
    DenseMatrix rotation = cross.left().rows(0, rank).transposedTimes(cross.right().rows(0, rank));
    SingularVectors.Decomposition skew =
        SingularVectors.decompose(rotation.minus(rotation.transposed()));
    int kept = Math.min(k, skew.rank());
    kept -= kept % 2;
    if (kept == 0) {
      return new RotationPlanes(Basis.empty(width), skew.values(), rank);
    }
    Basis inside =
        SingularVectors.leading(skew.values(), skew.left(), kept, SingularVectors.TOLERANCE);
    DenseMatrix mapped = inside.rows().times(joint.rows());
    return new RotationPlanes(
        new Basis(GramSchmidt.of(mapped).rows(), inside.boundaryGap()), skew.values(), rank);
  }
}
