package dev.witnessmark.report;

import dev.witnessmark.parity.compare.CompareResult;
import dev.witnessmark.parity.compare.GraftOutcome;
import dev.witnessmark.parity.compare.OwnError;
import dev.witnessmark.parity.compare.StageComparison;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.report.Table.Align;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Two captures side by side for people. */
public final class CompareText {

  private final CompareResult result;
  private final boolean all;
  private final PrintStream out;

  private CompareText(CompareResult result, boolean all, PrintStream out) {
    this.result = result;
    this.all = all;
    this.out = out;
  }

  /** Prints {@code result}; {@code all}: stages with equal bits have a line each too. */
  public static void print(CompareResult result, boolean all, PrintStream out) {
    new CompareText(result, all, out).print();
  }

  private void print() {
    if (!result.skipped().isEmpty()) {
      paragraph(
          " NOT COMPARED: ",
          "%s: %s"
              .formatted(
                  Numbers.of(result.skipped().size(), "stage"),
                  String.join("; ", result.skipped())));
    }
    side("A", result.a());
    side("B", result.b());
    result.truth().ifPresent(truth -> side("truth", truth));
    result.notes().forEach(note -> paragraph("   ", note));
    out.println();
    result.logits().ifPresent(this::logits);
    table();
    out.println();
    result
        .first()
        .ifPresent(first ->
            paragraph(
                " first divergence: ",
                "%s of %s, %s".formatted(first.key(), first.side(), first.why())));
    result.first().ifPresent(first -> remarks(first.key().name()));
    result.grafts().forEach(this::graft);
    out.printf(
        Locale.ROOT,
        " smallest tolerance that would have passed: max/rms %s%s%n",
        Numbers.measure(result.smallestTolerance()),
        budget());
    out.printf(Locale.ROOT, " %s%n", result.verdict().label().toUpperCase(Locale.ROOT));
    result.verdict().basis().forEach(why -> paragraph("   ", why));
  }

  private void paragraph(String first, String text) {
    Paragraph.lines(first, text).forEach(out::println);
  }

  private void side(String name, CompareResult.Described side) {
    out.printf(Locale.ROOT, " %-5s %s (%s)%n", name, side.path(), side.computed());
  }

  private String budget() {
    double most = -1;
    for (StageComparison stage : result.stages()) {
      most = Math.max(most, stage.ownA().map(own -> own.budget().used()).orElse(-1.0));
      most = Math.max(most, stage.ownB().map(own -> own.budget().used()).orElse(-1.0));
    }
    return most < 0 ? "; no budget" : ", or %s of the budget".formatted(times(most));
  }

  private void logits(LogitsMetrics logits) {
    out.printf(
        Locale.ROOT,
        " logits: %s; %d of the likeliest 5 in common; cosine %s, largest difference %s%n",
        choice(logits),
        logits.common(),
        Numbers.cosine(logits.cosine()),
        Numbers.measure(logits.largest()));
  }

  private static String choice(LogitsMetrics logits) {
    String margin =
        Double.isInfinite(logits.sigmas())
            ? "margin %s, no noise".formatted(Numbers.measure(logits.margin()))
            : "margin %s, %s σ of the noise"
                .formatted(Numbers.measure(logits.margin()), Numbers.measure(logits.sigmas()));
    String tokens = "token %d against %d".formatted(logits.top(), logits.otherTop());
    return switch (logits.choice()) {
      case SAME -> "both choose token %d (%s)".formatted(logits.top(), margin);
      case TIE -> tokens + ", a tie";
      case WITHIN_NOISE -> "%s, within noise (%s)".formatted(tokens, margin);
      case REAL -> "%s, and noise does not explain it (%s)".formatted(tokens, margin);
    };
  }

  private void table() {
    boolean truth = result.truth().isPresent();
    boolean own =
        result.stages().stream().anyMatch(s -> s.ownA().isPresent() || s.ownB().isPresent());
    List<Align> aligns = new ArrayList<>(List.of(Align.LEFT));
    List<String> head =
        new ArrayList<>(List.of("stage", "cosine", "at", "max/rms", "at", "rms", "SNR dB"));
    if (truth) {
      head.addAll(List.of("A−truth", "B−truth", "off"));
    }
    if (own) {
      head.addAll(List.of("own A", "own B", "inherited", "added"));
    }
    while (aligns.size() < head.size()) {
      aligns.add(Align.RIGHT);
    }
    Table table = new Table(aligns.toArray(Align[]::new)).row(head.toArray(String[]::new));
    int next = 0;
    while (next < result.stages().size()) {
      int equal = next;
      while (!all && equal < result.stages().size() && result.stages().get(equal).sameBits()) {
        equal++;
      }
      if (equal > next) {
        table.row(folded(next, equal, head.size()));
        next = equal;
      } else {
        table.row(row(result.stages().get(next), truth, own));
        next++;
      }
    }
    table.lines("   ").forEach(out::println);
  }

  private String[] folded(int from, int to, int columns) {
    List<String> cells = new ArrayList<>();
    String first = result.stages().get(from).key().name();
    cells.add(
        to - from == 1
            ? first + ": bit-equal"
            : "%s … %s: %d bit-equal"
                .formatted(first, result.stages().get(to - 1).key().name(), to - from));
    while (cells.size() < columns) {
      cells.add("");
    }
    return cells.toArray(String[]::new);
  }

  private String[] row(StageComparison stage, boolean truth, boolean own) {
    StageMetrics metrics = stage.metrics();
    List<String> cells = new ArrayList<>();
    cells.add(stage.key().name());
    cells.add(
        stage.sameBits()
            ? "bit-equal"
            : metrics.notFinite() > 0 ? "NaN or ∞" : Numbers.cosine(metrics.leastCosine()));
    cells.add(position(stage, metrics.leastCosineRow()));
    cells.add(Numbers.measure(metrics.scaled()));
    cells.add(position(stage, metrics.worstRow()));
    cells.add(Numbers.measure(metrics.rms()));
    cells.add(metrics.same() ? "∞" : String.format(Locale.ROOT, "%.1f", metrics.signalToNoise()));
    if (truth) {
      cells.add(stage.truth().map(t -> Numbers.measure(t.a().relative())).orElse(""));
      cells.add(stage.truth().map(t -> Numbers.measure(t.b().relative())).orElse(""));
      cells.add(stage.truth().flatMap(StageComparison.Truth::off).orElse(""));
    }
    if (own) {
      cells.add(own(stage.ownA()));
      cells.add(own(stage.ownB()));
      cells.add(Numbers.measure(stage.inherited()));
      cells.add(Numbers.measure(stage.added()));
    }
    return cells.toArray(String[]::new);
  }

  private String position(StageComparison stage, int row) {
    return row < 0 || stage.sameBits() ? "" : Long.toString(result.position(stage.key(), row));
  }

  /** What a side is off by itself, and how much of its budget that is. */
  private static String own(Optional<OwnError> own) {
    return own.map(o -> Numbers.measure(o.error().relative()) + " = " + times(o.budget().used()))
        .orElse(Numbers.UNDEFINED);
  }

  private static String times(double used) {
    return Double.isInfinite(used) ? "∞×" : String.format(Locale.ROOT, "%.2g×", used);
  }

  private void remarks(String stage) {
    for (StageComparison compared : result.stages()) {
      if (compared.key().name().equals(stage)) {
        compared.remarks().forEach(remark -> paragraph("   ", remark));
      }
    }
  }

  private void graft(GraftOutcome graft) {
    paragraph(
        "   ",
        "B's path from %s's %s on: %s"
            .formatted(
                graft.from(),
                graft.at(),
                graft.same()
                    ? "%s's logits, to the bit".formatted(graft.from())
                    : "%s of the rms of %s's logits away, without it %s"
                        .formatted(
                            Numbers.measure(graft.distance()),
                            graft.from(),
                            Numbers.measure(graft.before()))));
  }
}
