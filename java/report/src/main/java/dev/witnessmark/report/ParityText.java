package dev.witnessmark.report;

import dev.witnessmark.format.Printable;
import dev.witnessmark.parity.check.Finding;
import dev.witnessmark.parity.check.ParityResult;
import dev.witnessmark.parity.check.PositionCheck;
import dev.witnessmark.parity.check.PromptCheck;
import dev.witnessmark.parity.check.RunCheck;
import dev.witnessmark.parity.check.StageFault;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.report.Table.Align;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A parity check for people. */
public final class ParityText {

  /** Faults that are listed. */
  private static final int LISTED = 10;

  private final TokenText text;
  private final PrintStream out;

  private ParityText(TokenText text, PrintStream out) {
    this.text = text;
    this.out = out;
  }

  /** Prints {@code result}; {@code text} shows token ids. */
  public static void print(ParityResult result, TokenText text, PrintStream out) {
    new ParityText(text, out).print(result);
  }

  private void print(ParityResult result) {
    out.printf(Locale.ROOT, " %s%n", Printable.of(result.model()));
    out.printf(Locale.ROOT, " %s, against the oracle %s%n", result.device(), result.oracle());
    out.printf(Locale.ROOT, " path %s · cache %s%n", result.path(), result.cache());
    result
        .ownKernels()
        .forEach(own ->
            out.printf(
                Locale.ROOT,
                "   %s: %s of %s in place of %s%n",
                own.stage().id(),
                Printable.of(own.name()),
                Printable.of(own.file().toString()),
                own.kernel()));
    out.println();
    for (int i = 0; i < result.prompts().size(); i++) {
      int number = i + 1;
      prompt(
          result.prompts().get(i),
          result.findings().stream().filter(finding -> finding.prompt() == number).toList());
    }
    out.printf(
        Locale.ROOT,
        " %s%s%n",
        result.verdict().label().toUpperCase(Locale.ROOT),
        result.verdict().basis().isEmpty() ? "" : ": " + result.verdict().basis().getFirst());
    result.verdict().basis().stream()
        .skip(1)
        .limit(LISTED)
        .forEach(why -> out.printf(Locale.ROOT, "   %s%n", why));
    if (result.verdict().basis().size() > LISTED + 1) {
      out.printf(Locale.ROOT, "   … and %d more%n", result.verdict().basis().size() - LISTED - 1);
    }
  }

  private void prompt(PromptCheck prompt, List<Finding> findings) {
    int given = prompt.sequence().prompt();
    out.printf(
        Locale.ROOT,
        " %s: %s, %d generated%n",
        prompt
            .text()
            .map(t -> text.quoted(ids(prompt.sequence().tokens().subList(0, given))))
            .orElse(prompt.sequence().tokens().subList(0, given).toString()),
        Numbers.of(given, "token"),
        prompt.sequence().generated().size());
    if (!prompt.sequence().generated().isEmpty()) {
      String oracle = text.quoted(ids(prompt.sequence().generated()));
      if (prompt.generated().equals(prompt.sequence().generated())) {
        out.printf(Locale.ROOT, "   both continue %s%n", oracle);
      } else {
        out.printf(Locale.ROOT, "   oracle continues %s%n", oracle);
        out.printf(Locale.ROOT, "   device continues %s%n", text.quoted(ids(prompt.generated())));
      }
    }
    prompt.runs().forEach(this::run);
    prompt
        .unstable()
        .ifPresent(place ->
            out.printf(
                Locale.ROOT,
                "   UNSTABLE: %s at position %d is not the same in every run%n",
                place.key(),
                place.position()));
    prompt
        .notReproduced()
        .ifPresent(place ->
            out.printf(
                Locale.ROOT,
                "   NOT REPRODUCED: %s at position %d was something else when it was looked at"
                    + " again%n",
                place.key(),
                place.position()));
    if (!prompt.faults().isEmpty()) {
      faults(prompt, findings);
    }
    prompt
        .graft()
        .ifPresent(graft ->
            out.printf(
                Locale.ROOT,
                "   with the oracle's values of %s in their place the logits %s%n",
                graft.at().size() == 1
                    ? graft.at().getFirst().name()
                    : Numbers.of(graft.at().size(), "stage"),
                graft.recovered()
                    ? "are the oracle's, to the bit"
                    : String.format(
                        Locale.ROOT,
                        "are %.3g of their rms away, before %.3g: something else is wrong too",
                        graft.distance(),
                        graft.before())));
    out.println();
  }

  private void run(RunCheck run) {
    String which =
        run.repetition() == 1 ? run.mode().id() : run.mode().id() + ", run " + run.repetition();
    if (run.same()) {
      out.printf(
          Locale.ROOT,
          "   %s: all %s stage tensors bit-equal%n",
          which,
          Numbers.exact(run.stages()));
      return;
    }
    RunCheck.Place first = run.first().orElseThrow();
    out.printf(
        Locale.ROOT,
        "   %s: %s of %s stage tensors differ, first %s at position %d%n",
        which,
        Numbers.exact(run.differing()),
        Numbers.exact(run.stages()),
        first.key(),
        first.position());
    PositionCheck worst = null;
    for (PositionCheck position : run.positions()) {
      if (worst == null || position.logits().largest() > worst.logits().largest()) {
        worst = position;
      }
    }
    if (worst != null) {
      logits(worst);
    }
  }

  private void logits(PositionCheck position) {
    LogitsMetrics logits = position.logits();
    out.printf(
        Locale.ROOT,
        "     logits at position %d: cosine %s, largest difference %s; %s%n",
        position.position(),
        Numbers.cosine(logits.cosine()),
        Numbers.measure(logits.largest()),
        choice(logits));
  }

  private String choice(LogitsMetrics logits) {
    String margin =
        String.format(
            Locale.ROOT,
            "margin %.3g, %.3g σ of the path's rounding",
            logits.margin(),
            logits.sigmas());
    return switch (logits.choice()) {
      case SAME -> "same top token (%s)".formatted(margin);
      case TIE -> "another top token, of a tie";
      case WITHIN_NOISE -> "another top token, within noise (%s)".formatted(margin);
      case REAL ->
          "top token %s against %s (%s)"
              .formatted(text.quoted(logits.top()), text.quoted(logits.otherTop()), margin);
    };
  }

  /** In forward order, but what a budget explains after what is wrong. */
  private void faults(PromptCheck prompt, List<Finding> findings) {
    List<StageFault> faults =
        findings.stream()
            .sorted(Comparator.comparing(Finding::isAllowed))
            .flatMap(finding -> finding.fault().stream())
            .toList();
    out.printf(
        Locale.ROOT,
        "   wrong by itself, fed its own inputs (%s of %s looked at):%n",
        Numbers.exact(prompt.faults().size()),
        Numbers.of(prompt.judged(), "stage"));
    Table table =
        new Table(
                Align.LEFT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT,
                Align.RIGHT)
            .row("stage", "differ", "max/rms", "cosine", "oracle−exact", "device−exact", "budget");
    faults.stream()
        .limit(LISTED)
        .forEach(fault ->
            table.row(
                fault.key().name(),
                Numbers.percent((double) fault.device().differing() / fault.device().elements()),
                Numbers.measure(fault.device().scaled()),
                Numbers.cosine(fault.device().leastCosine()),
                Numbers.measure(fault.truth().oracle().relative()),
                Numbers.measure(fault.truth().device().relative()),
                fault
                    .budget()
                    .map(use -> String.format(Locale.ROOT, "%.3g", use.used()))
                    .orElse(Numbers.UNDEFINED)));
    table.lines("     ").forEach(out::println);
    if (faults.size() > LISTED) {
      out.printf(Locale.ROOT, "     … and %,d more%n", faults.size() - LISTED);
    }
    StageFault first = faults.getFirst();
    out.printf(
        Locale.ROOT,
        "   %s, value %d (row %d, column %d): oracle %s, device %s, exact %s%n",
        first.key(),
        first.index(),
        first.index() / first.device().columns(),
        first.index() % first.device().columns(),
        Numbers.measure(first.oracleValue()),
        Numbers.measure(first.deviceValue()),
        Numbers.measure(first.exactValue()));
    first.remarks().forEach(remark -> out.printf(Locale.ROOT, "   %s%n", remark));
  }

  private static int[] ids(List<Integer> tokens) {
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }
}
