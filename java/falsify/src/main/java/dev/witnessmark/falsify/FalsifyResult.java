package dev.witnessmark.falsify;

import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * What came out of experiments.
 *
 * @param experiments one by one
 * @param oracle what computed the right bits of kernels, for example {@code cpu scalar}
 * @param device what was held against them, for example {@code cpu vector-512}
 * @param contract version of the numerics contract that both follow
 * @param run what was asked, what ran, and why
 */
public record FalsifyResult(
    List<ExperimentResult> experiments, String oracle, String device, int contract, RunRecord run) {

  public FalsifyResult {
    experiments = List.copyOf(experiments);
  }

  /** {@code reproduced}, or {@code differs} with what does. */
  public Verdict verdict() {
    List<String> differing = new ArrayList<>();
    long figures = 0;
    long claims = 0;
    long trials = 0;
    for (ExperimentResult result : experiments) {
      String number = result.experiment().number();
      for (Figure figure : result.figures()) {
        Reference reference = figure.reference();
        figures += reference == null ? 0 : 1;
        if (reference != null && !figure.agrees()) {
          differing.add(
              "%s, %s: %s, %s %s"
                  .formatted(
                      number,
                      figure.name(),
                      figure.measured(),
                      reference.source().label(),
                      reference.text()));
        }
      }
      for (JudgedClaim claim : result.claims()) {
        claims++;
        if (!claim.asExpected()) {
          differing.add(
              "%s, %s: %s, should be %s"
                  .formatted(
                      number,
                      claim.finding().hypothesis().claim(),
                      claim.finding().outcome().label(),
                      claim.expected().label()));
        }
      }
      for (TrialResult trial : result.trials()) {
        trials++;
        if (!trial.agrees()) {
          differing.add(
              "%s, %s: %d of %d values differ from the oracle's, CRC-32 %s"
                  .formatted(
                      number, trial.name(), trial.differing(), trial.elements(), trial.device()));
        }
      }
    }
    return differing.isEmpty()
        ? new Verdict(
            "reproduced",
            ExitCode.SAME,
            List.of(
                "%d figures agree to every digit of their reference".formatted(figures),
                "%d kernel results have the oracle's bits on %s".formatted(trials, device),
                "%d claims and their controls came out as they must".formatted(claims)))
        : new Verdict("differs", ExitCode.DIFFERS, differing);
  }
}
