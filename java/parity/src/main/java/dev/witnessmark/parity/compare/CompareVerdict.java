package dev.witnessmark.parity.compare;

import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.LogitsMetrics.Choice;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a comparison of captures comes to. */
final class CompareVerdict {

  private CompareVerdict() {}

  static Verdict of(
      CaptureSide a,
      CaptureSide b,
      List<StageComparison> stages,
      Optional<LogitsMetrics> logits,
      Optional<Divergence> first) {
    long differing = stages.stream().filter(stage -> !stage.sameBits()).count();
    if (differing == 0) {
      return new Verdict(
          "bit-identical",
          ExitCode.SAME,
          List.of(String.format(Locale.ROOT, "all %,d stages have equal bits", stages.size())));
    }
    List<String> basis = new ArrayList<>();
    first.ifPresent(d -> basis.add("%s of %s: %s".formatted(d.key(), d.side(), d.why())));
    boolean within = first.isEmpty();
    if (logits.isPresent() && logits.get().choice() == Choice.REAL) {
      within = false;
      basis.add(
          String.format(
              Locale.ROOT,
              "the likeliest token is another, by a margin of %.3g σ of the noise",
              logits.get().sigmas()));
    }
    long notFinite = stages.stream().filter(s -> s.metrics().notFinite() > 0).count();
    if (notFinite > 0) {
      within = false;
      basis.add(
          String.format(
              Locale.ROOT, "%,d stages have a NaN or an infinity on one side only", notFinite));
    }
    long unjudged =
        stages.stream().filter(stage -> !stage.sameBits() && !judged(a, b, stage)).count();
    if (unjudged > 0 && within) {
      within = false;
      basis.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d stages differ, and for %,d of them there is no budget: without the model"
                  + " and their inputs rounding cannot be told from a fault",
              differing,
              stages.size(),
              unjudged));
    }
    if (!within) {
      return new Verdict("differs", ExitCode.DIFFERS, basis);
    }
    basis.add(
        String.format(
            Locale.ROOT,
            "%,d of %,d stages differ, each by itself within its budget (%.3g of it at most)",
            differing,
            stages.size(),
            used(stages)));
    return new Verdict("within-budget", ExitCode.SAME, basis);
  }

  private static boolean judged(CaptureSide a, CaptureSide b, StageComparison stage) {
    return (a.isExact() || stage.ownA().isPresent()) && (b.isExact() || stage.ownB().isPresent());
  }

  private static double used(List<StageComparison> stages) {
    double used = 0;
    for (StageComparison stage : stages) {
      used = Math.max(used, stage.ownA().map(own -> own.budget().used()).orElse(0.0));
      used = Math.max(used, stage.ownB().map(own -> own.budget().used()).orElse(0.0));
    }
    return used;
  }
}
