package dev.witnessmark.falsify;

import java.util.List;

/**
 * What came out of an experiment.
 *
 * @param experiment the experiment
 * @param figures its numbers beside the published ones
 * @param claims what follows
 * @param trials the bits on the device
 */
public record ExperimentResult(
    Experiment<?> experiment,
    List<Figure> figures,
    List<JudgedClaim> claims,
    List<TrialResult> trials) {

  public ExperimentResult {
    figures = List.copyOf(figures);
    claims = List.copyOf(claims);
    trials = List.copyOf(trials);
  }

  /** Whether every published digit came out, every claim as it must, and every bit is equal. */
  public boolean agrees() {
    return figures.stream().allMatch(Figure::agrees)
        && claims.stream().allMatch(JudgedClaim::asExpected)
        && trials.stream().allMatch(TrialResult::agrees);
  }
}
