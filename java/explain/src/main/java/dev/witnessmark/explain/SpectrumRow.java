package dev.witnessmark.explain;

import dev.witnessmark.explain.source.TensorPlace;

/**
 * A delta against the singular vectors of the matrix that it changes, {@code W = U·S·Vᵀ} thin with
 * r values, {@code C = Uᵀ·Δ·V}.
 *
 * @param place where the matrix is
 * @param name of the tensor
 * @param norm Frobenius norm of the delta
 * @param frame r
 * @param top number of leading vectors: a tenth of r
 * @param topShare {@code ‖C[:top, :top]‖² / ‖C‖²}
 * @param bottomShare {@code ‖C[top:, top:]‖² / ‖C‖²}
 * @param kept {@code ‖C‖² / ‖Δ‖²}: how much of the delta lies within the thin frame at all
 * @param boundaryGap gap of the singular values behind the leading ones
 * @param weak number of directions that the unembedding reads least: a hundredth; 0 where the
 *     matrix does not write to the hidden state, or there is no unembedding
 * @param weakShare share of the delta that is written into these; NaN without them
 * @param weakFrame number of right singular vectors of the unembedding
 * @param intruderCosines for each of the leading singular vectors of the tuned matrix, on its
 *     shorter side, the largest |cosine| with any of the base's; small ones were not there before
 */
public record SpectrumRow(
    TensorPlace place,
    String name,
    double norm,
    int frame,
    int top,
    double topShare,
    double bottomShare,
    double kept,
    double boundaryGap,
    int weak,
    double weakShare,
    int weakFrame,
    double[] intruderCosines) {

  /** Leading vectors of the tuned matrix that are looked at. */
  static final int LOOKED_AT = 10;

  /** A vector whose cosine with every one of the base's is below this is an intruder. */
  private static final double INTRUDER = 0.5;

  /** What chance gives for {@link #topShare}. */
  public double topNull() {
    double share = (double) top / frame;
    return share * share;
  }

  /** How many times more of the delta lies among the leading vectors than by chance. */
  public double topRatio() {
    return topShare / topNull();
  }

  /** What chance gives for {@link #weakShare}; NaN without it. */
  public double weakNull() {
    return weak == 0 ? Double.NaN : (double) weak / weakFrame;
  }

  /** How many times more of the delta is written where it is hardly read than by chance. */
  public double weakRatio() {
    return weakShare / weakNull();
  }

  /** Number of leading singular vectors of the tuned matrix that the base does not have. */
  public int intruders() {
    int intruders = 0;
    for (double cosine : intruderCosines) {
      intruders += cosine < INTRUDER ? 1 : 0;
    }
    return intruders;
  }
}
