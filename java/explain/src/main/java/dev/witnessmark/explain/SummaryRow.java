package dev.witnessmark.explain;

import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Score;

/**
 * A candidate over the layers that are averaged: plain means; one layer without a number leaves the
 * mean without one.
 *
 * @param candidate which
 * @param ranked whether it is in a ranking: neither a ceiling nor a variant of another
 * @param activation mean scores
 * @param output mean scores
 * @param down mean scores
 * @param combined mean scores
 * @param specific mean scores
 * @param cosineWithDelta mean
 * @param rank mean
 * @param activationOfCeiling per cent: mean concentration over that of {@code
 *     TaskDiff_lora_ceiling}, which is no upper bound
 * @param outputOfCeiling per cent: mean concentration over that of {@code dW_left_basis_ceiling}
 * @param downOfCeiling likewise
 * @param combinedOfCeiling likewise; no upper bound either, since that basis is not balanced
 */
public record SummaryRow(
    Candidate candidate,
    boolean ranked,
    Score activation,
    Score output,
    Score down,
    Score combined,
    Score specific,
    double cosineWithDelta,
    double rank,
    double activationOfCeiling,
    double outputOfCeiling,
    double downOfCeiling,
    double combinedOfCeiling) {

  /** Geometric mean of both concentrations. */
  public double jointScore() {
    return Math.sqrt(activation.concentration() * combined.concentration());
  }

  /** How many times more concentrated on activations than on weights, as a power of two. */
  public double gapLog2() {
    return log2(activation.concentration()) - log2(combined.concentration());
  }

  /** Geometric mean of both shares of the best of the same rank. */
  public double jointOracleShare() {
    return Math.sqrt(activation.oracleShare() * combined.oracleShare());
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
