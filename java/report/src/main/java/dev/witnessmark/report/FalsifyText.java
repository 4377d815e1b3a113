package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;

import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.ExperimentResult;
import dev.witnessmark.falsify.FalsifyResult;
import dev.witnessmark.falsify.Figure;
import dev.witnessmark.falsify.JudgedClaim;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Reference;
import dev.witnessmark.falsify.TrialResult;
import dev.witnessmark.verdict.ExitCode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The screen of {@code wmark falsify}: whether every digit came out, what follows from each
 * experiment, and what does not.
 */
public final class FalsifyText {

  /** From so many values on a series is drawn as well. */
  private static final int DRAWN = 8;

  private final FalsifyResult result;
  private final PrintStream out;

  private FalsifyText(FalsifyResult result, PrintStream out) {
    this.result = result;
    this.out = out;
  }

  /**
   * Prints {@code result} to {@code out}.
   *
   * @param full every figure, bit and sentence instead of a line for each claim
   */
  public static void print(FalsifyResult result, boolean full, PrintStream out) {
    new FalsifyText(result, out).print(full);
    out.flush();
  }

  /** Prints what can be run. */
  public static void list(List<Experiment<?>> experiments, PrintStream out) {
    Table table = new Table(LEFT, LEFT, LEFT);
    for (Experiment<?> experiment : experiments) {
      table.row(experiment.number(), experiment.title(), experiment.question());
    }
    table.lines("").forEach(out::println);
    out.flush();
  }

  private void print(boolean full) {
    answer();
    out.println();
    for (ExperimentResult experiment : result.experiments()) {
      if (full) {
        details(experiment);
      } else {
        summary(experiment);
      }
    }
    notes(full);
    out.println("%s (exit %d)".formatted(result.verdict().label(), result.verdict().exit().code()));
  }

  private void answer() {
    out.println(
        "%s   figures: scalar code in each experiment's own arithmetic; bits: %s against %s"
            .formatted(
                Numbers.of(result.experiments().size(), "experiment"),
                result.device(),
                result.oracle()));
    out.println();
    if (result.verdict().exit() == ExitCode.SAME) {
      out.println(" " + String.join(".\n ", result.verdict().basis()) + ".");
    } else {
      out.println(" Not as it must be:");
      for (String reason : result.verdict().basis()) {
        Paragraph.lines("  ≠ ", reason).forEach(out::println);
      }
    }
  }

  private void summary(ExperimentResult experiment) {
    out.println(
        " %s  %s%s"
            .formatted(
                experiment.experiment().number(),
                experiment.experiment().title(),
                experiment.agrees() ? "" : "   ≠"));
    for (JudgedClaim claim : experiment.claims()) {
      heading(claim);
    }
  }

  /**
   * For example {@code not shown larger weights amplify the difference (published as rejected)}.
   */
  private void heading(JudgedClaim claim) {
    Outcome outcome = claim.finding().outcome();
    Outcome published = claim.published();
    String changed =
        published == null || published == outcome
            ? ""
            : " (published as %s)".formatted(published.label());
    String wrong = claim.asExpected() ? "" : " ≠ should be %s".formatted(claim.expected().label());
    FindingText.heading(claim.finding(), changed + wrong).forEach(out::println);
  }

  private void details(ExperimentResult experiment) {
    out.println(
        " %s  %s".formatted(experiment.experiment().number(), experiment.experiment().title()));
    Paragraph.lines("      ", experiment.experiment().question()).forEach(out::println);
    Paragraph.lines("      Set-up: ", experiment.experiment().setUp() + ".").forEach(out::println);
    out.println();
    figures(experiment.figures());
    bits(experiment.trials());
    experiment.claims().forEach(this::claim);
    out.println("      What does not follow:");
    for (String sentence : experiment.experiment().notShown()) {
      Paragraph.lines("      · ", sentence).forEach(out::println);
    }
    out.println();
  }

  private void figures(List<Figure> figures) {
    for (Figure figure : figures) {
      Reference reference = figure.reference();
      String held = reference == null ? "  " : figure.agrees() ? "= " : "≠ ";
      String origin =
          reference == null
              ? "(added here)"
              : "(%s%s)"
                  .formatted(
                      reference.source().label(), figure.agrees() ? "" : " " + reference.text());
      String drawn =
          reference == null && figure.values().size() >= DRAWN
              ? Sparkline.of(figure.values()) + "  "
              : "";
      Paragraph.lines(
              "    " + held, figure.name() + ": " + drawn + figure.measured() + " " + origin)
          .forEach(out::println);
    }
    out.println();
  }

  private void bits(List<TrialResult> trials) {
    Table table = new Table(LEFT, LEFT, LEFT, LEFT);
    table.row("", "CRC-32 of float32 results", result.oracle(), result.device());
    for (TrialResult trial : trials) {
      Reference reference = trial.reference();
      table.row(
          trial.agrees() ? "=" : "≠",
          trial.name(),
          trial.oracle(),
          trial.device()
              + (trial.differing() == 0
                  ? ""
                  : " %d of %d differ, first %d"
                      .formatted(trial.differing(), trial.elements(), trial.firstDiffering()))
              + (reference == null
                  ? ""
                  : " (%s %s)".formatted(reference.source().label(), reference.text())));
    }
    table.lines("    ").forEach(out::println);
    out.println();
  }

  private void claim(JudgedClaim claim) {
    heading(claim);
    FindingText.details(claim.finding()).forEach(out::println);
    Paragraph.lines("               → ", claim.meaning()).forEach(out::println);
    out.println();
  }

  private void notes(boolean full) {
    if (!full) {
      out.println();
      out.println(" " + counted(result.experiments()) + ".");
    }
    out.println(
        " Nothing is confirmed or rejected unless a control came out the other way; what is");
    out.println(
        full
            ? " not shown had none, or one that came out the same."
            : " not shown had none, or one that came out the same. --all, or a number: every figure.");
  }

  /** For example {@code 7 confirmed, 2 rejected, 8 not shown}. */
  private static String counted(List<ExperimentResult> experiments) {
    List<String> counts = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      long count =
          experiments.stream()
              .map(ExperimentResult::claims)
              .flatMap(List::stream)
              .filter(claim -> claim.finding().outcome() == outcome)
              .count();
      counts.add(count + " " + outcome.label());
    }
    return "Of %s %s"
        .formatted(
            Numbers.of(
                experiments.stream().mapToLong(experiment -> experiment.claims().size()).sum(),
                "claim"),
            String.join(", ", counts));
  }
}
