package dev.witnessmark.parity.check;

import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.List;
import java.util.Locale;

/** What the runs of a parity check come to. */
final class ParityVerdict {

  private ParityVerdict() {}

  /** The verdict on {@code prompts}, of which {@code findings} are all that was found. */
  static Verdict of(List<PromptCheck> prompts, List<Finding> findings) {
    if (findings.isEmpty()) {
      long runs = prompts.stream().mapToLong(p -> p.runs().size()).sum();
      long stages =
          prompts.stream().flatMap(p -> p.runs().stream()).mapToLong(RunCheck::stages).sum();
      return new Verdict(
          "bit-identical",
          ExitCode.SAME,
          List.of(
              String.format(
                  Locale.ROOT,
                  "all %,d stage tensors of %s have the oracle's bits, and the text is the same",
                  stages,
                  runs == 1 ? "one run" : runs + " runs")));
    }
    List<String> wrong =
        findings.stream().filter(f -> !f.isAllowed()).map(Finding::sentence).toList();
    return wrong.isEmpty()
        ? new Verdict(
            "within-budget", ExitCode.SAME, findings.stream().map(Finding::sentence).toList())
        : new Verdict("differs", ExitCode.DIFFERS, wrong);
  }
}
