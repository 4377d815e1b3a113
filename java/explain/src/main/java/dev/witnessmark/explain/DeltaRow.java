package dev.witnessmark.explain;

import dev.witnessmark.explain.source.TensorPlace;
import java.util.Arrays;

/**
 * What tuning did to one matrix, in numbers.
 *
 * @param place where it is
 * @param name of the base's tensor
 * @param storage how the tuned matrix is stored, or {@code low-rank factors}
 * @param rows of the matrix
 * @param columns of the matrix
 * @param norm Frobenius norm of the delta
 * @param relative norm over that of the base
 * @param participationRank {@code (Σs²)² / Σs⁴} over its singular values s: over how many
 *     directions its energy is spread as if evenly
 * @param stableRank {@code Σs² / s₁²}
 * @param singularValues the largest, descending, up to {@link #LISTED}
 * @param roundingShare share of its energy that is expected to be rounding of its storage; NaN if
 *     that cannot be told
 * @param distinct how many of the listed singular values are above what rounding alone is expected
 *     to reach; the rank of the delta where there is no rounding
 * @param usability whether scores of it mean anything
 */
public record DeltaRow(
    TensorPlace place,
    String name,
    String storage,
    int rows,
    int columns,
    double norm,
    double relative,
    double participationRank,
    double stableRank,
    double[] singularValues,
    double roundingShare,
    int distinct,
    Usability usability) {

  /** Most singular values that are listed. */
  public static final int LISTED = 32;

  /** Share of the energy in the largest {@code count} directions. */
  public double leadingShare(int count) {
    return Arrays.stream(singularValues).limit(count).map(s -> s * s).sum() / (norm * norm);
  }

  /** Whether scores of a delta mean anything. */
  public enum Usability {
    /** Exact, or hardly rounded. */
    USABLE,
    /**
     * A tenth or more of its energy is rounding, or nothing can be said about that, or it is of
     * quantised weights.
     */
    DOUBTFUL,
    /** Of quantised weights, and a tenth or more of its energy is rounding. */
    UNUSABLE;

    private static final double MUCH = 0.1;

    /** What a rounding share means; NaN where it cannot be told. */
    static Usability of(boolean quantised, double roundingShare) {
      boolean little = roundingShare < MUCH;
      if (quantised) {
        return little ? DOUBTFUL : UNUSABLE;
      }
      return little ? USABLE : DOUBTFUL;
    }
  }
}
