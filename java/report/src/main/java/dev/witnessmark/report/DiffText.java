package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.Expectation;
import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.FloorUse;
import dev.witnessmark.compare.RowChanges;
import dev.witnessmark.compare.Skipped;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.format.Printable;
import dev.witnessmark.model.Role;
import dev.witnessmark.verdict.ExitCode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The screen of {@code wmark diff}: the answer, why it can be believed, where to look next. */
public final class DiffText {

  private static final int FEW = 6;

  /**
   * How much to show.
   *
   * @param all every tensor instead of the few that moved most
   * @param sort order of the tensors
   * @param explainBudget the basis of the rounding budget
   * @param elapsed how long it took, or null to leave it out
   */
  public record Style(
      boolean all, DiffSort sort, boolean explainBudget, @Nullable Duration elapsed) {}

  private final DiffResult result;
  private final Style style;
  private final PrintStream out;

  private DiffText(DiffResult result, Style style, PrintStream out) {
    this.result = result;
    this.style = style;
    this.out = out;
  }

  /** Prints {@code result} to {@code out}. */
  public static void print(DiffResult result, Style style, PrintStream out) {
    new DiffText(result, style, out).print();
    out.flush();
  }

  private void print() {
    skipped();
    header();
    out.println();
    summary();
    out.println();
    List<String> map = new BlockMap(result.tensors()).lines();
    map.forEach(line -> out.println(Printable.of(line)));
    if (!map.isEmpty()) {
      out.println();
    }
    tensors();
    unmatched();
    expectation();
    coverage();
    if (style.explainBudget()) {
      out.println();
      BudgetBasis.LINES.forEach(out::println);
    }
    verdict();
  }

  private void skipped() {
    if (result.skipped().isEmpty()) {
      return;
    }
    out.println(result.skipped().size() + " asked for but not compared:");
    for (Skipped skipped : result.skipped()) {
      out.println(Printable.of("  " + skipped.name() + ": " + skipped.reason()));
    }
    out.println();
  }

  private void header() {
    DiffResult.Compared a = result.a();
    DiffResult.Compared b = result.b();
    String types =
        a.types().equals(b.types())
            ? String.join(", ", a.types()) + " on both sides"
            : String.join(", ", a.types()) + " → " + String.join(", ", b.types());
    String architecture =
        a.architecture().equals(b.architecture())
            ? a.architecture()
            : a.architecture() + " → " + b.architecture();
    out.println(
        Printable.of(
            "%s → %s   %s, %s, %s, %s values   %s"
                .formatted(
                    shortName(a.name()),
                    shortName(b.name()),
                    architecture,
                    Numbers.of(a.blocks(), "block"),
                    a.tensors() == b.tensors()
                        ? Numbers.of(a.tensors(), "tensor")
                        : a.tensors() + " → " + Numbers.of(b.tensors(), "tensor"),
                    a.parameters() == b.parameters()
                        ? Numbers.count(a.parameters())
                        : Numbers.count(a.parameters()) + " → " + Numbers.count(b.parameters()),
                    types)));
  }

  /** The last component of a path; of BASE+ADAPTER that of both. */
  private static String shortName(String name) {
    return Arrays.stream(name.split("\\+", -1))
        .map(part -> part.replaceFirst("/+$", ""))
        .map(part -> part.substring(part.lastIndexOf('/') + 1))
        .collect(Collectors.joining("+"));
  }

  private Map<TensorStatus, Long> counts() {
    Map<TensorStatus, Long> counts = new EnumMap<>(TensorStatus.class);
    result.tensors().forEach(t -> counts.merge(t.status(), 1L, Long::sum));
    return counts;
  }

  private void summary() {
    List<TensorDifference> moved =
        result.tensors().stream().filter(t -> t.status() == TensorStatus.MOVED).toList();
    long total = result.tensors().size();
    List<String> sentences = new ArrayList<>();
    if (moved.isEmpty()) {
      sentences.add(noneMoved());
    } else {
      sentences.add(
          "%d of %s moved%s.".formatted(moved.size(), Numbers.of(total, "tensor"), where(moved)));
    }
    counts()
        .forEach((status, count) -> {
          if (status != TensorStatus.MOVED) {
            sentences.add("%d %s %s.".formatted(count, count == 1 ? "is" : "are", phrase(status)));
          }
        });
    if (result.excluded() > 0) {
      sentences.add("%d more were left out by --tensors.".formatted(result.excluded()));
    }
    out.println(" " + String.join("  ", sentences));
  }

  /** Of the tensors that could have moved: those that were compared. */
  private String noneMoved() {
    long compared = result.tensors().stream().filter(t -> t.status().compared()).count();
    if (compared == 0) {
      return "No tensor was compared.";
    }
    return compared == 1
        ? "The one tensor that was compared did not move."
        : "None of %d%s tensors moved."
            .formatted(compared, compared == result.tensors().size() ? "" : " compared");
  }

  private static String phrase(TensorStatus status) {
    return switch (status) {
      case WITHIN_QUANTISATION -> "within the quantisation floor";
      case IDENTICAL -> "identical after decoding";
      case INCOMPATIBLE -> "of incompatible shape";
      case ONLY_IN_A -> "only in A";
      case ONLY_IN_B -> "only in B";
      default -> status.label();
    };
  }

  /** Where the moved tensors are, if that can be said in a few words. */
  private String where(List<TensorDifference> moved) {
    Set<Integer> blocks = new TreeSet<>();
    Set<Role> roles = new TreeSet<>();
    Set<Object> cells = new HashSet<>();
    for (TensorDifference tensor : moved) {
      if (tensor.identity().block() < 0 || !tensor.identity().part().equals("weight")) {
        return "";
      }
      blocks.add(tensor.identity().block());
      roles.add(tensor.identity().role());
      cells.add(List.of(tensor.identity().block(), tensor.identity().role()));
    }
    if (roles.size() > 4 || cells.size() != blocks.size() * roles.size()) {
      return "";
    }
    List<String> words = new ArrayList<>();
    String family = "";
    for (Role each : roles) {
      String role = each.label();
      int space = role.indexOf(' ');
      String head = space < 0 ? role : role.substring(0, space);
      words.add(space > 0 && head.equals(family) ? role.substring(space + 1) : role);
      family = head;
    }
    return ", all of them %s in block%s %s"
        .formatted(Ranges.and(words), blocks.size() == 1 ? "" : "s", Ranges.of(blocks));
  }

  private void tensors() {
    List<TensorDifference> listed =
        result.tensors().stream()
            .filter(t -> t.difference() != null)
            .filter(t -> style.all() || t.status().compareTo(TensorStatus.IDENTICAL) > 0)
            .sorted(style.sort().comparator())
            .toList();
    if (listed.isEmpty()) {
      return;
    }
    boolean budget = listed.stream().anyMatch(t -> floor(t) != null);
    boolean status = style.all();
    List<TensorDifference> shown =
        style.all() ? listed : listed.subList(0, Math.min(FEW, listed.size()));
    Table table = new Table(LEFT, LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT);
    table.row(
        "tensor",
        status ? "status" : "",
        "rel. change",
        "max |Δ|",
        "at",
        "cosine",
        "rows moved",
        budget ? "budget used" : "",
        budget ? "within it" : "");
    for (TensorDifference tensor : shown) {
      ValueDifference d = tensor.difference();
      if (d != null) {
        table.row(line(tensor, d, status, budget));
      }
    }
    table.lines(" ").forEach(line -> out.println(Printable.of(line)));
    if (shown.size() < listed.size()) {
      out.println(" …%d more (--all)".formatted(listed.size() - shown.size()));
    }
    for (TensorDifference tensor : shown) {
      if (tensor.diagnosis() != null) {
        out.println(Printable.of(" " + label(tensor) + ": " + tensor.diagnosis()));
      }
      nonFinite(tensor);
    }
    mostMovedRows(shown);
    out.println();
  }

  private static @Nullable FloorUse floor(TensorDifference tensor) {
    ValueDifference difference = tensor.difference();
    return difference == null ? null : difference.floor();
  }

  private static String[] line(
      TensorDifference tensor, ValueDifference d, boolean status, boolean budget) {
    Extreme max = d.max();
    RowChanges rows = d.rows();
    FloorUse floor = d.floor();
    return new String[] {
      label(tensor),
      status ? tensor.status().label() : "",
      Numbers.measure(d.relative()),
      max == null ? "0" : Numbers.measure(Math.abs(max.delta())),
      max == null
          ? ""
          : rows == null ? "[" + max.column() + "]" : "[%d, %d]".formatted(max.row(), max.column()),
      Numbers.cosine(d.cosine()),
      rows == null ? Numbers.UNDEFINED : rows.moved() + "/" + rows.rows(),
      budget ? (floor == null ? Numbers.UNDEFINED : Numbers.measure(floor.used()) + "×") : "",
      budget ? (floor == null ? Numbers.UNDEFINED : within(floor)) : ""
    };
  }

  /** Share of the differing values that rounding explains. */
  private static String within(FloorUse floor) {
    long differing = floor.within() + floor.beyond();
    return differing == 0
        ? Numbers.UNDEFINED
        : Numbers.percent((double) floor.within() / differing);
  }

  private static String label(TensorDifference tensor) {
    return tensor.guessed() ? tensor.name() : tensor.identity().label();
  }

  private void nonFinite(TensorDifference tensor) {
    ValueDifference d = tensor.difference();
    if (d == null) {
      return;
    }
    List<String> parts = new ArrayList<>();
    count(parts, d.nanOnlyA(), "NaN only in A");
    count(parts, d.nanOnlyB(), "NaN only in B");
    count(parts, d.nanBoth() == null ? 0 : d.nanBoth(), "NaN in both");
    count(parts, d.infOnlyA(), "infinite only in A");
    count(parts, d.infOnlyB(), "infinite only in B");
    count(parts, d.infBoth() == null ? 0 : d.infBoth(), "infinite in both");
    if (d.rms() == null || d.mean() == null || (d.normA() == null && d.outOfRange() > 0)) {
      count(parts, d.outOfRange(), "whose squares leave float64: norms are not known (–)");
    }
    if (!parts.isEmpty()) {
      out.println(Printable.of(" " + label(tensor) + ": " + String.join(", ", parts)));
    }
  }

  private static void count(List<String> parts, long count, String what) {
    if (count > 0) {
      parts.add(Numbers.exact(count) + " " + what);
    }
  }

  /** The rows that moved most in the first tensor listed. */
  private void mostMovedRows(List<TensorDifference> shown) {
    if (shown.isEmpty()) {
      return;
    }
    TensorDifference first = shown.getFirst();
    ValueDifference d = first.difference();
    RowChanges rows = d == null ? null : d.rows();
    if (rows == null || rows.most().isEmpty()) {
      return;
    }
    List<String> parts =
        rows.most().stream()
            .limit(5)
            .map(row ->
                "%d (%s)"
                    .formatted(
                        row.row(),
                        Numbers.measure(Double.isNaN(row.relative()) ? null : row.relative())))
            .toList();
    out.println(
        Printable.of(
            " Rows of %s that moved most: %s".formatted(label(first), String.join(", ", parts))));
  }

  private void unmatched() {
    List<TensorDifference> unmatched =
        result.tensors().stream().filter(t -> !t.status().compared()).toList();
    if (unmatched.isEmpty()) {
      return;
    }
    int shown = style.all() ? unmatched.size() : Math.min(FEW, unmatched.size());
    for (TensorDifference tensor : unmatched.subList(0, shown)) {
      out.println(
          Printable.of(
              " %s: %s (%s)%s"
                  .formatted(
                      tensor.name(),
                      tensor.status().label(),
                      tensor.basis(),
                      tensor.diagnosis() == null ? "" : "; " + tensor.diagnosis())));
    }
    if (shown < unmatched.size()) {
      out.println(
          " …%d more without comparable counterpart (--all)".formatted(unmatched.size() - shown));
    }
    out.println();
  }

  private void expectation() {
    Expectation expectation = result.expectation();
    if (expectation == null) {
      return;
    }
    out.println(
        Printable.of(" Expected update: " + expectation.adapter() + " (U = scale · B · A)"));
    Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT);
    table.row(
        "tensor",
        "rank",
        "‖U‖/‖A‖",
        "‖Δ−U‖/‖U‖",
        "cosine",
        "lost values",
        "lost energy",
        "budget used",
        "");
    for (Expectation.ExpectedTensor tensor : expectation.tensors()) {
      table.row(
          tensor.identity().label(),
          Integer.toString(tensor.rank()),
          Numbers.measure(tensor.updateRelative()),
          Numbers.measure(tensor.residual()),
          Numbers.cosine(tensor.alignment()),
          Numbers.percent(tensor.lostShare()),
          Numbers.percent(tensor.lostEnergy()),
          Numbers.measure(tensor.used()) + "×",
          tensor.met()
              ? "arrived"
              : tensor.beyond() == null ? "no bound known" : "NOT as expected");
    }
    table.lines(" ").forEach(line -> out.println(Printable.of(line)));
    out.println();
  }

  private void coverage() {
    long compared =
        result.tensors().stream()
            .map(TensorDifference::difference)
            .mapToLong(d -> d == null ? 0 : d.values())
            .sum();
    boolean floors = result.tensors().stream().anyMatch(t -> floor(t) != null);
    out.println(
        " Compared %s values in %s; %s."
            .formatted(
                Numbers.exact(compared),
                Numbers.of(
                    result.tensors().stream().filter(t -> t.status().compared()).count(), "tensor"),
                result.skipped().isEmpty()
                    ? "nothing skipped"
                    : result.skipped().size() + " skipped, listed above"));
    if (floors) {
      out.println(
          " Where storage rounds, moved means further than rounding explains; budget used is the"
              + " factor on it that would have passed (--explain-budget shows the basis).");
    } else {
      List<TensorDifference> moved =
          result.tensors().stream()
              .filter(t -> t.status() == TensorStatus.MOVED)
              .filter(t -> t.difference() != null && t.difference().max() != null)
              .toList();
      if (!moved.isEmpty()) {
        out.println(
            moved.stream().anyMatch(DiffText::quantised)
                ? " How storage rounds here has no known bound, so any change counts as moved."
                : " Both sides store alike and do not round, so any change counts as moved.");
      }
    }
  }

  private static boolean quantised(TensorDifference tensor) {
    return Stream.of(tensor.a(), tensor.b())
        .anyMatch(side -> side != null && side.type().quantised());
  }

  private void verdict() {
    ExitCode exit = result.verdict().exit();
    String left = "%s (exit %d)".formatted(result.verdict().label(), exit.code());
    List<String> right = new ArrayList<>();
    Duration elapsed = style.elapsed();
    if (elapsed != null) {
      right.add(String.format(Locale.ROOT, "%.2f s", elapsed.toNanos() / 1e9));
    }
    right.add(result.run().device());
    right.add(result.run().kernels());
    right.add(result.run().threads() + (result.run().threads() == 1 ? " thread" : " threads"));
    out.println(left + "   " + String.join(" · ", right));
  }
}
