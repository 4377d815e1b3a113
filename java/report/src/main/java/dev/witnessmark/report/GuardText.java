package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.CellStatistics;
import dev.witnessmark.bench.guard.GuardOptions;
import dev.witnessmark.bench.guard.GuardResult;
import dev.witnessmark.bench.guard.Interval;
import dev.witnessmark.bench.guard.Outcome;
import dev.witnessmark.bench.guard.SideSummary;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The screen of {@code wmark guard}: what changed, why it can be believed, what to do next. */
public final class GuardText {

  private static final int FEW = 12;
  private static final int LONGEST_LABEL = 60;

  private final GuardResult result;
  private final boolean all;
  private final PrintStream out;
  private final Set<String> common;

  private GuardText(GuardResult result, boolean all, PrintStream out) {
    this.result = result;
    this.all = all;
    this.out = out;
    common = commonConditions(result.cells());
  }

  /**
   * Prints {@code result} to {@code out}.
   *
   * @param all every cell instead of those that changed or are unclear and a few others
   */
  public static void print(GuardResult result, boolean all, PrintStream out) {
    new GuardText(result, all, out).print();
    out.flush();
  }

  private void print() {
    notCompared();
    header();
    out.println();
    cells();
    method();
    out.println("%s (exit %d)".formatted(result.verdict().label(), result.verdict().exit().code()));
  }

  private void notCompared() {
    List<CellResult> missing =
        result.cells().stream().filter(cell -> cell.outcome() == Outcome.NOT_COMPARED).toList();
    if (missing.isEmpty()) {
      return;
    }
    out.println(missing.size() + " of " + result.cells().size() + " cells not compared:");
    int shown = all ? missing.size() : Math.min(FEW, missing.size());
    for (CellResult cell : missing.subList(0, shown)) {
      out.println(Printable.of("  " + shortened(label(cell.key())) + ": " + cell.explanation()));
    }
    more(missing.size() - shown, "not compared");
    out.println();
  }

  private void header() {
    List<String> facts = new ArrayList<>(List.of(devices()));
    facts.add(result.cells().size() == 1 ? "1 cell" : result.cells().size() + " cells");
    facts.addAll(common);
    out.println(
        Printable.of(
            "%s → %s   %s"
                .formatted(
                    result.before().name(), result.after().name(), String.join(", ", facts))));
  }

  private String devices() {
    String before = devices(result.before());
    String after = devices(result.after());
    return before.equals(after) ? before : before + " → " + after;
  }

  private static String devices(GuardResult.Side side) {
    return side.devices().stream().map(GuardText::device).collect(Collectors.joining(", "));
  }

  private static String device(BenchDevice device) {
    return device.identity().kind()
        + " "
        + device.identity().name()
        + (device.driver() == null ? "" : " driver " + device.driver());
  }

  /** Conditions that hold for every cell are said once. */
  private static Set<String> commonConditions(List<CellResult> cells) {
    Set<String> common = new LinkedHashSet<>();
    for (int i = 0; i < cells.size(); i++) {
      List<String> conditions = cells.get(i).key().conditions();
      if (i == 0) {
        common.addAll(conditions);
      } else {
        common.retainAll(new HashSet<>(conditions));
      }
    }
    return common;
  }

  private void cells() {
    List<CellResult> shown = new ArrayList<>();
    int same = 0;
    for (CellResult cell : result.cells()) {
      if (cell.outcome() == Outcome.SAME && ++same > FEW && !all) {
        continue;
      }
      if (cell.outcome() != Outcome.NOT_COMPARED) {
        shown.add(cell);
      }
    }
    if (shown.isEmpty()) {
      return;
    }
    List<String> figures = figures(shown);
    Table table = new Table(LEFT, LEFT, LEFT);
    for (int i = 0; i < shown.size(); i++) {
      CellResult cell = shown.get(i);
      table.row(
          shortened(Printable.of(label(cell.key()))),
          cell.outcome().words().toUpperCase(Locale.ROOT),
          cell.outcome() == Outcome.UNCLEAR
              ? Printable.of(cell.explanation())
              : Printable.of(figures.get(i)));
    }
    table.lines(" ").forEach(out::println);
    more(all ? 0 : same - FEW, "the same");
    out.println();
  }

  private void more(int count, String what) {
    if (count > 0) {
      out.println(" …%d more %s (--all)".formatted(count, what));
    }
  }

  private String label(CellKey key) {
    return key.operation()
        + key.conditions().stream()
            .filter(condition -> !common.contains(condition))
            .map(condition -> " " + condition)
            .collect(Collectors.joining());
  }

  private static String shortened(String text) {
    return text.codePointCount(0, text.length()) <= LONGEST_LABEL
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST_LABEL - 1)) + "…";
  }

  private static List<String> figures(List<CellResult> cells) {
    Table table = new Table(RIGHT, LEFT, RIGHT, RIGHT, LEFT, LEFT);
    for (CellResult cell : cells) {
      CellStatistics statistics = Objects.requireNonNull(cell.statistics());
      Interval interval = statistics.time().speedInterval();
      table.row(
          Numbers.signed(statistics.time().speed()) + " %",
          "[%s, %s]".formatted(Numbers.signed(interval.low()), Numbers.signed(interval.high())),
          "A/A noise " + Numbers.percent(statistics.noise()),
          times(statistics.before().median(), statistics.after().median()),
          share(statistics.before(), statistics.after()),
          variant(statistics.before().variant(), statistics.after().variant()));
    }
    return table.lines("");
  }

  private static String times(double before, double after) {
    String[] units = {"ns", "µs", "ms", "s"};
    int unit = 0;
    double scale = 1;
    while (unit < units.length - 1 && before / scale >= 1000) {
      scale *= 1000;
      unit++;
    }
    return "%s → %s %s"
        .formatted(Numbers.measure(before / scale), Numbers.measure(after / scale), units[unit]);
  }

  private static String share(SideSummary before, SideSummary after) {
    if (before.shareOfCopy() != null && after.shareOfCopy() != null) {
      return "%.0f %% → %.0f %% of copy"
          .formatted(100 * before.shareOfCopy(), 100 * after.shareOfCopy());
    }
    if (before.shareOfMatrix() != null && after.shareOfMatrix() != null) {
      return "%.0f %% → %.0f %% of matrix rate"
          .formatted(100 * before.shareOfMatrix(), 100 * after.shareOfMatrix());
    }
    return "";
  }

  /** Only worth saying if another implementation ran. */
  private static String variant(@Nullable String before, @Nullable String after) {
    return Objects.equals(before, after)
        ? ""
        : "%s → %s"
            .formatted(
                Objects.requireNonNullElse(before, "unknown variant"),
                Objects.requireNonNullElse(after, "unknown variant"));
  }

  private void method() {
    if (result.cells().stream().allMatch(cell -> cell.statistics() == null)) {
      out.println(" " + String.join(", ", result.verdict().basis()) + ".");
      return;
    }
    GuardOptions options = result.options();
    String confidence = Numbers.plain(100 * (1 - options.alpha()));
    out.println(
        " %s.  Change of speed with its %s %% interval; a change counts beyond the A/A noise and %s,"
            .formatted(
                String.join(", ", result.verdict().basis()),
                confidence,
                Numbers.percent(options.minEffect())));
    out.println(
        " same means that a change of %s would have been seen."
            .formatted(Numbers.percent(options.sensitivity())));
    GuardResult.Interleaving interleaved = result.interleaved();
    if (interleaved != null) {
      out.println(
          " Measured in turns, %d rounds of A B B A%s."
              .formatted(
                  interleaved.rounds(),
                  interleaved.again() ? ", and once more since something seemed to change" : ""));
    }
  }
}
