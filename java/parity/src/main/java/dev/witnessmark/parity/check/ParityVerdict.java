package dev.witnessmark.parity.check;

import dev.witnessmark.parity.measure.LogitsMetrics.Choice;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the runs of a parity check come to. */
final class ParityVerdict {

  private ParityVerdict() {}

  /**
   * The verdict.
   *
   * @param contract whether the device ran canonical kernels only, which must have the oracle's
   *     bits
   */
  static Verdict of(List<PromptCheck> prompts, boolean contract) {
    long runs = prompts.stream().mapToLong(p -> p.runs().size()).sum();
    long stages =
        prompts.stream().flatMap(p -> p.runs().stream()).mapToLong(RunCheck::stages).sum();
    List<String> basis = new ArrayList<>();
    if (prompts.stream().allMatch(PromptCheck::same)) {
      basis.add(
          String.format(
              Locale.ROOT,
              "all %,d stage tensors of %s have the oracle's bits, and the text is the same",
              stages,
              runs == 1 ? "one run" : runs + " runs"));
      return new Verdict("bit-identical", ExitCode.SAME, basis);
    }
    boolean within = !contract;
    for (PromptCheck prompt : prompts) {
      prompt
          .unstable()
          .ifPresent(place ->
              basis.add(
                  "%s at position %d is not the same in every run"
                      .formatted(place.key(), place.position())));
      within &= prompt.unstable().isEmpty();
      for (StageFault fault : prompt.faults()) {
        basis.add(sentence(fault));
        within &= fault.withinBudget();
      }
      if (prompt.faults().isEmpty()) {
        prompt
            .first()
            .ifPresent(place ->
                basis.add(
                    "%s at position %d differs in a run, and not when it was looked at again"
                        .formatted(place.key(), place.position())));
        within &= prompt.same();
      }
      for (RunCheck run : prompt.runs()) {
        within &=
            run.positions().stream()
                .noneMatch(position -> position.logits().choice() == Choice.REAL);
      }
    }
    return within
        ? new Verdict("within-budget", ExitCode.SAME, basis)
        : new Verdict("differs", ExitCode.DIFFERS, basis);
  }

  private static String sentence(StageFault fault) {
    String away =
        String.format(
            Locale.ROOT,
            "%s differs by itself in %,d of %,d values, by %.3g of its rms at most",
            fault.key(),
            fault.device().differing(),
            fault.device().elements(),
            fault.device().scaled());
    return fault
        .budget()
        .map(use ->
            away + String.format(Locale.ROOT, "; %.3g of its budget (%s)", use.used(), use.basis()))
        .orElse(away);
  }
}
