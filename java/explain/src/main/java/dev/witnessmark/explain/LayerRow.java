package dev.witnessmark.explain;

import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Score;
import java.util.Optional;

/**
 * A candidate in one layer.
 *
 * @param candidate which
 * @param layer number of the layer
 * @param rank directions that really exist
 * @param publishedColumns columns that the published procedure returns
 * @param boundaryGap {@code (s_k − s_(k+1)) / s_k} where it was cut, NaN where it was not cut by
 *     singular values
 * @param illPosed whether that gap is too small for the candidate to be well defined
 * @param cosines of the principal angles of the two subspaces it lies between, else empty
 * @param activation score on what tuning does to the states of the prompts that are judged by
 * @param output score on the delta of the output projection of attention
 * @param down score on the delta of the down projection of the MLP
 * @param combined score on both, each counting the same
 * @param cosineWithDelta mean cosine of the principal angles with the leading directions of the
 *     deltas
 * @param overlapWithDelta sum of their squares over the smaller rank
 * @param specificRank directions left once those of plain states are taken off
 * @param specific score of these on the activation target without the same
 * @param promptShares share of energy within the candidate, prompt by prompt: what {@code
 *     activation} is the mean of; empty without activations
 * @param publishedRange where the published procedure adds arbitrary columns: the concentrations
 *     that these could lead to
 */
public record LayerRow(
    Candidate candidate,
    int layer,
    int rank,
    int publishedColumns,
    double boundaryGap,
    boolean illPosed,
    double[] cosines,
    Score activation,
    Score output,
    Score down,
    Score combined,
    double cosineWithDelta,
    double overlapWithDelta,
    int specificRank,
    Score specific,
    double[] promptShares,
    Optional<PublishedRange> publishedRange) {

  /**
   * Lowest and highest concentration at the published width.
   *
   * @param activation on the activation target, empty without one
   * @param combined on the balanced delta, empty without one
   */
  public record PublishedRange(Optional<Range> activation, Optional<Range> combined) {}

  /** From {@code low} to {@code high}. */
  public record Range(double low, double high) {}
}
