package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.explain.Bootstrap;
import dev.witnessmark.explain.DeltaRow;
import dev.witnessmark.explain.ExplainResult;
import dev.witnessmark.explain.ExplainStudy;
import dev.witnessmark.explain.Stability;
import dev.witnessmark.explain.SummaryRow;
import dev.witnessmark.explain.Unavailable;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The screen of {@code wmark explain}. */
public final class ExplainText {

  private static final int FEW = 10;
  private static final int LEADING = 8;

  private final ExplainStudy study;
  private final boolean all;
  private final PrintStream out;

  private ExplainText(ExplainStudy study, boolean all, PrintStream out) {
    this.study = study;
    this.all = all;
    this.out = out;
  }

  /**
   * Prints {@code study} to {@code out}.
   *
   * @param all every delta, candidate and reason
   */
  public static void print(ExplainStudy study, boolean all, PrintStream out) {
    new ExplainText(study, all, out).print();
    out.flush();
  }

  private void print() {
    study.results().forEach(this::result);
    study.bootstraps().forEach(this::bootstrap);
    study.stability().ifPresent(this::stability);
    study
        .verdict()
        .basis()
        .forEach(line -> Paragraph.lines(" ", Printable.of(line) + ".").forEach(out::println));
    out.println("%s (exit %d)".formatted(study.verdict().label(), study.verdict().exit().code()));
  }

  private void result(ExplainResult result) {
    out.println(
        Printable.of(
            "%s → %s   width %d, %d layers, %s averaged; candidates of %d directions"
                .formatted(
                    result.base(),
                    result.tuned(),
                    result.width(),
                    result.layers(),
                    Ranges.of(result.averaged()),
                    result.options().candidateWidth())));
    out.println();
    deltas(result);
    candidates(result, "writing or mixed", result.rankings().writeAndMixed());
    candidates(result, "reading", result.rankings().read());
    ceilings(result);
    unavailable(result);
    result
        .notes()
        .forEach(note -> Paragraph.lines(" Note: ", Printable.of(note)).forEach(out::println));
    out.println();
    for (String sentence : ExplainConclusion.of(result)) {
      Paragraph.lines(" ", sentence + ".").forEach(out::println);
    }
    out.println();
  }

  private void deltas(ExplainResult result) {
    Table table = new Table(LEFT, LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT);
    table.row(
        "delta",
        "stored as",
        "norm",
        "of base",
        "eff. rank",
        "stable rank",
        "in top 8",
        "rounding",
        "above rounding");
    List<DeltaRow> deltas =
        result.deltas().stream()
            .sorted(Comparator.comparingDouble((DeltaRow delta) -> -delta.relative()))
            .toList();
    int shown = all ? deltas.size() : Math.min(FEW, deltas.size());
    for (DeltaRow delta : deltas.subList(0, shown)) {
      table.row(
          Printable.of(delta.name()),
          delta.storage(),
          Numbers.measure(delta.norm()),
          Numbers.percent(delta.relative()),
          Numbers.measure(delta.participationRank()),
          Numbers.measure(delta.stableRank()),
          Numbers.percent(delta.leadingShare(LEADING)),
          Double.isNaN(delta.roundingShare()) ? "unknown" : Numbers.percent(delta.roundingShare()),
          "rank "
              + delta.distinct()
              + (delta.distinct() == DeltaRow.LISTED ? " or more" : "")
              + (delta.usability() == DeltaRow.Usability.USABLE
                  ? ""
                  : ", " + delta.usability().name().toLowerCase(Locale.ROOT)));
    }
    table.lines(" ").forEach(out::println);
    if (shown < deltas.size()) {
      out.println(" …%d more deltas (--all)".formatted(deltas.size() - shown));
    }
    out.println(
        result.unchanged() == 1
            ? " One matrix did not change."
            : " %d matrices did not change.".formatted(result.unchanged()));
    out.println();
  }

  private static Table table(String first) {
    return new Table(LEFT, LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT)
        .row(
            first,
            "family",
            "R weights",
            "z",
            "% of oracle",
            "cos ΔW",
            "R activations",
            "z",
            "joint");
  }

  private static void row(Table table, SummaryRow row) {
    table.row(
        row.candidate().label(),
        row.candidate().family().label(),
        Numbers.measure(known(row.combined().concentration())),
        Numbers.measure(known(row.combined().z())),
        Numbers.measure(known(100 * row.combined().oracleShare())),
        Numbers.measure(known(row.cosineWithDelta())),
        Numbers.measure(known(row.activation().concentration())),
        Numbers.measure(known(row.activation().z())),
        Numbers.measure(known(row.jointScore())));
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }

  private void candidates(ExplainResult result, String what, List<Candidate> ranking) {
    if (ranking.isEmpty()) {
      return;
    }
    Map<Candidate, SummaryRow> rows = new LinkedHashMap<>();
    result.summary().forEach(row -> rows.put(row.candidate(), row));
    Table table = table(what + ", by " + result.rankings().by());
    int shown = all ? ranking.size() : Math.min(FEW, ranking.size());
    for (Candidate candidate : ranking.subList(0, shown)) {
      SummaryRow row = rows.get(candidate);
      if (row != null) {
        row(table, row);
      }
    }
    table.lines(" ").forEach(out::println);
    if (shown < ranking.size()) {
      out.println(" …%d more (--all)".formatted(ranking.size() - shown));
    }
    out.println();
  }

  private void ceilings(ExplainResult result) {
    List<SummaryRow> ceilings =
        result.summary().stream().filter(row -> row.candidate().isCeiling()).toList();
    if (ceilings.isEmpty()) {
      return;
    }
    Table table = table("ceilings, made of what is explained");
    ceilings.forEach(row -> row(table, row));
    table.lines(" ").forEach(out::println);
    out.println(" R is 1 for chance. z counts standard deviations of random subspaces, exactly.");
    out.println();
  }

  private void unavailable(ExplainResult result) {
    Map<String, List<Unavailable>> byReason =
        result.unavailable().stream()
            .collect(
                Collectors.groupingBy(
                    Unavailable::reason, LinkedHashMap::new, Collectors.toList()));
    byReason.forEach((reason, candidates) -> {
      List<String> names =
          candidates.stream().map(each -> each.candidate().label()).distinct().toList();
      int shown = all ? names.size() : Math.min(4, names.size());
      Paragraph.lines(
              " ",
              "Not available because there is no %s: %s%s."
                  .formatted(
                      reason,
                      String.join(", ", names.subList(0, shown)),
                      shown < names.size() ? " and " + (names.size() - shown) + " more" : ""))
          .forEach(out::println);
    });
  }

  private void bootstrap(Bootstrap bootstrap) {
    Table table = new Table(LEFT, LEFT, RIGHT, RIGHT, RIGHT);
    table.row("over other prompts", "axis", "R activations, 95 %", "place, 95 %", "first");
    int shown = all ? bootstrap.rows().size() : Math.min(FEW, bootstrap.rows().size());
    for (Bootstrap.Row row : bootstrap.rows().subList(0, shown)) {
      table.row(
          row.candidate().label(),
          row.candidate().axis().label(),
          "%s to %s"
              .formatted(
                  Numbers.measure(row.activation().low()),
                  Numbers.measure(row.activation().high())),
          "%s to %s"
              .formatted(Numbers.plain(row.places().low()), Numbers.plain(row.places().high())),
          Numbers.percent(row.firstShare()));
    }
    table.lines(" ").forEach(out::println);
    out.println(
        " Prompts drawn with replacement, %d times (seed %d); places within each ranking."
            .formatted(bootstrap.draws(), bootstrap.seed()));
    out.println();
  }

  private void stability(Stability stability) {
    for (boolean reading : new boolean[] {false, true}) {
      List<Stability.Row> rows = stability.rows(reading);
      if (rows.isEmpty()) {
        continue;
      }
      double agreement = reading ? stability.agreementOfReading() : stability.agreementOfWriting();
      Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT);
      table.row(
          reading ? "reading, over all fine-tunes" : "writing or mixed, over all fine-tunes",
          "mean place",
          "best",
          "worst");
      int shown = all ? rows.size() : Math.min(FEW, rows.size());
      for (Stability.Row row : rows.subList(0, shown)) {
        table.row(
            row.candidate().label(),
            Numbers.measure(row.mean()),
            Integer.toString(row.best()),
            Integer.toString(row.worst()));
      }
      table.lines(" ").forEach(out::println);
      out.println(
          " Agreement of the orders (Kendall's W): %s."
              .formatted(Numbers.measure(known(agreement))));
      out.println();
    }
  }
}
