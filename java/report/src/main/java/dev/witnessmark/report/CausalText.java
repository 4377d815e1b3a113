package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.causal.CausalStudy;
import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.diff.Measure;
import dev.witnessmark.causal.diff.ProjectionShift;
import dev.witnessmark.causal.diff.RevisedTruths;
import dev.witnessmark.causal.diff.ScaffoldBlock;
import dev.witnessmark.causal.diff.Shift;
import dev.witnessmark.causal.diff.UnrelatedRows;
import dev.witnessmark.causal.quality.Beliefs;
import dev.witnessmark.causal.quality.HeadBelief;
import dev.witnessmark.causal.quality.HeadQuality;
import dev.witnessmark.causal.quality.QualityMap;
import dev.witnessmark.causal.trace.RowTrace;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.format.Printable;
import dev.witnessmark.verdict.Verdict;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The screen of {@code wmark causal}: what shifted where, and how far that is from nothing. */
public final class CausalText {

  private static final int FEW = 8;
  private static final int MOST_BLOCKS = 40;

  private final CausalStudy study;
  private final boolean all;
  private final PrintStream out;

  private CausalText(CausalStudy study, boolean all, PrintStream out) {
    this.study = study;
    this.all = all;
    this.out = out;
  }

  /**
   * Prints {@code study} to {@code out}.
   *
   * @param all every block and every tensor that was not compared
   */
  public static void print(CausalStudy study, boolean all, PrintStream out) {
    new CausalText(study, all, out).print();
    out.flush();
  }

  private void print() {
    for (CausalResult diff : study.diffs()) {
      diff(diff);
      out.println();
    }
    if (study.diffs().size() > 1) {
      commonScaffold();
      revision();
    }
    study.quality().ifPresent(this::quality);
    study.beliefs().ifPresent(this::beliefs);
    study.trace().ifPresent(this::trace);
    Verdict verdict = study.verdict();
    verdict
        .basis()
        .forEach(line -> Paragraph.lines(" ", Printable.of(line) + ".").forEach(out::println));
    out.println("%s (exit %d)".formatted(verdict.label(), verdict.exit().code()));
  }

  private void diff(CausalResult diff) {
    notCompared(diff);
    out.println(
        Printable.of(
            "%s → %s   %s, %s, %s   %s"
                .formatted(
                    diff.base(),
                    diff.tuned(),
                    Numbers.of(blocks(diff).size(), "block"),
                    Numbers.of(diff.tensors().size(), "tensor"),
                    Numbers.of(diff.total().rows(), "row"),
                    threshold(diff))));
    out.println();
    scaffold(diff);
    projections(diff);
    map(diff);
    unrelated(diff);
  }

  private static String threshold(CausalResult diff) {
    return diff.threshold().inUnitsOfNull()
        ? "%s, shifted beyond %s of unrelated rows"
            .formatted(diff.measure().label(), Numbers.plain(diff.threshold().value()))
        : "%s, shifted beyond %s %s"
            .formatted(
                diff.measure().label(),
                diff.measure().unit(),
                Numbers.plain(diff.threshold().value()));
  }

  private void notCompared(CausalResult diff) {
    List<String> lines = new ArrayList<>();
    diff.incomplete().forEach(reason -> lines.add("incomplete: " + reason));
    diff.onlyInBase().forEach(name -> lines.add("only in the base: " + name));
    diff.onlyInTuned().forEach(name -> lines.add("only in the tuned model: " + name));
    diff.unequal()
        .forEach(tensor ->
            lines.add(
                "another shape: %s, %d × %d and %d × %d"
                    .formatted(
                        tensor.name(),
                        tensor.rows(),
                        tensor.columns(),
                        tensor.tunedRows(),
                        tensor.tunedColumns())));
    if (!lines.isEmpty()) {
      out.println("Not compared, " + diff.base() + " → " + diff.tuned() + ":");
      int shown = all ? lines.size() : Math.min(FEW, lines.size());
      lines.subList(0, shown).forEach(line -> out.println("  " + Printable.of(line)));
      if (shown < lines.size()) {
        out.println("  …%d more (--all)".formatted(lines.size() - shown));
      }
    }
    diff.notices()
        .forEach(notice -> Paragraph.lines("Note: ", Printable.of(notice)).forEach(out::println));
  }

  private void scaffold(CausalResult diff) {
    List<Integer> numbers = diff.scaffold().numbers().stream().map(Math::toIntExact).toList();
    String rule =
        "more than %s of Q and of O rows shifted, less of K"
            .formatted(Numbers.percent(diff.scaffold().share()));
    if (numbers.isEmpty()) {
      out.println(" Scaffold: no block (" + rule + ").");
    } else {
      out.println(
          " Scaffold: %s %s (%s)."
              .formatted(numbers.size() == 1 ? "block" : "blocks", Ranges.of(numbers), rule));
      long absent =
          diff.scaffold().blocks().stream()
              .filter(block -> block.scaffold() && block.k().isEmpty())
              .count();
      if (absent > 0) {
        out.println(
            " %s of them %s no K at all, which is not the same as a stable one (--require-k)."
                .formatted(absent, absent == 1 ? "has" : "have"));
      }
      List<ScaffoldBlock> found =
          diff.scaffold().blocks().stream().filter(ScaffoldBlock::scaffold).toList();
      for (ScaffoldBlock block :
          found.subList(0, all ? found.size() : Math.min(FEW, found.size()))) {
        out.println(
            "  block %d: Q %s, K %s, O %s"
                .formatted(block.block(), share(block.q()), share(block.k()), share(block.o())));
      }
    }
    out.println();
  }

  private static String share(OptionalDouble share) {
    return share.isPresent() ? Numbers.percent(share.getAsDouble()) : "absent";
  }

  private void projections(CausalResult diff) {
    Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT);
    table.row(
        "projection", "shifted", "rows", "share", "mean distance", "unrelated rows", "of these");
    diff.projections().entrySet().stream()
        .sorted(
            Comparator.comparingDouble((Map.Entry<Projection, ProjectionShift> each) ->
                    -each.getValue().shift().ratio())
                .thenComparing(each -> each.getKey().label()))
        .forEach(each -> {
          Shift shift = each.getValue().shift();
          table.row(
              each.getKey().label(),
              Numbers.exact(shift.shifted()),
              Numbers.exact(shift.rows()),
              Numbers.percent(shift.ratio()),
              Numbers.measure(each.getValue().mean()),
              Numbers.measure(known(shift.meanOfNull())),
              known(shift.inUnitsOfNull()) == null
                  ? Numbers.UNDEFINED
                  : Numbers.percent(shift.inUnitsOfNull()));
        });
    table.lines(" ").forEach(out::println);
    out.println();
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }

  private static SortedSet<Long> blocks(CausalResult diff) {
    SortedSet<Long> blocks = new TreeSet<>();
    diff.heads().keySet().forEach(head -> blocks.add(head.block()));
    return blocks;
  }

  /** Share of shifted rows by block and projection. */
  private void map(CausalResult diff) {
    List<Projection> columns =
        Arrays.stream(Projection.values())
            .filter(
                each -> diff.heads().keySet().stream().anyMatch(head -> head.projection() == each))
            .toList();
    List<Long> blocks = List.copyOf(blocks(diff));
    if (blocks.isEmpty()) {
      return;
    }
    Table.Align[] aligns = new Table.Align[columns.size() + 1];
    Arrays.fill(aligns, RIGHT);
    aligns[0] = LEFT;
    Table table = new Table(aligns);
    List<String> header = new ArrayList<>(List.of("% shifted"));
    columns.forEach(column -> header.add(column.label()));
    table.row(header.toArray(String[]::new));
    List<Long> shown = all || blocks.size() <= MOST_BLOCKS ? blocks : most(diff, blocks);
    for (long block : shown) {
      List<String> row = new ArrayList<>(List.of("blk " + block));
      for (Projection column : columns) {
        Shift shift = diff.head(new HeadKey(block, column));
        row.add(
            shift.rows() == 0
                ? " "
                : shift.shifted() == 0 ? "·" : Numbers.plain(percent(shift.ratio())));
      }
      table.row(row.toArray(String[]::new));
    }
    table.lines(" ").forEach(out::println);
    if (shown.size() < blocks.size()) {
      out.println(
          " …%d blocks in which fewer rows shifted (--all)"
              .formatted(blocks.size() - shown.size()));
    }
    out.println();
  }

  /** With one decimal, and never 0 for what is not. */
  private static double percent(double ratio) {
    return Math.max(Math.rint(ratio * 1000) / 10, 0.1);
  }

  private static List<Long> most(CausalResult diff, List<Long> blocks) {
    return blocks.stream()
        .sorted(Comparator.comparingLong(block -> -shifted(diff, block)))
        .limit(MOST_BLOCKS)
        .sorted()
        .toList();
  }

  private static long shifted(CausalResult diff, long block) {
    return Arrays.stream(Projection.values())
        .mapToLong(each -> diff.head(new HeadKey(block, each)).shifted())
        .sum();
  }

  private void unrelated(CausalResult diff) {
    Shift total = diff.total();
    out.println(
        " All rows: mean distance %s, largest %s (%s)."
            .formatted(
                Numbers.measure(total.mean()),
                Numbers.measure(total.largest()),
                diff.measure().unit()));
    if (total.rowsWithNull() == 0) {
      out.println(" There is no null: no tensor has two rows.");
      return;
    }
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < UnrelatedRows.FRACTIONS.size(); i++) {
      steps.add(
          "%s× %s"
              .formatted(
                  Numbers.plain(UnrelatedRows.FRACTIONS.get(i)),
                  Numbers.exact(total.beyondNull().counts().get(i))));
    }
    Paragraph.lines(
            " ",
            "Null: unrelated rows of one tensor are %s apart. Rows beyond a share of that: %s."
                .formatted(Numbers.measure(total.meanOfNull()), String.join(", ", steps)))
        .forEach(out::println);
    long blind = diff.blindRows();
    if (blind > 0) {
      Paragraph.lines(
              " ",
              ("The threshold is blind for %s of %s rows: in their tensors not even unrelated rows"
                      + " are that far apart. Choose one in units of the null"
                      + " (--null-threshold 0.1)%s.")
                  .formatted(
                      Numbers.exact(blind),
                      Numbers.exact(total.rows()),
                      diff.measure() == Measure.BASE17
                          ? ", or compare the weights themselves (--measure relative)"
                          : ""))
          .forEach(out::println);
    }
  }

  private void commonScaffold() {
    TreeSet<Long> common = new TreeSet<>(study.diffs().getFirst().scaffold().numbers());
    for (CausalResult diff : study.diffs()) {
      common.retainAll(diff.scaffold().numbers());
    }
    out.println(
        " Scaffold blocks of all %d diffs: %s."
            .formatted(
                study.diffs().size(),
                common.isEmpty()
                    ? "none"
                    : Ranges.of(common.stream().map(Math::toIntExact).toList())));
    out.println();
  }

  private void revision() {
    Table table = new Table(LEFT, RIGHT, RIGHT, LEFT, RIGHT, RIGHT, LEFT);
    table.row("does it shift?", "f", "c", "in this order", "f", "c", "counted together");
    study
        .inOrder()
        .byProjection()
        .forEach((projection, truth) -> {
          var pooled = study.pooled().byProjection().getOrDefault(projection, truth);
          table.row(
              projection.label(),
              Numbers.measure((double) truth.frequency()),
              Numbers.measure((double) truth.confidence()),
              RevisedTruths.label(truth),
              Numbers.measure((double) pooled.frequency()),
              Numbers.measure((double) pooled.confidence()),
              RevisedTruths.label(pooled));
        });
    table.lines(" ").forEach(out::println);
    out.println(" Revised in order, later diffs weigh more; counted together, they do not.");
    out.println();
  }

  private void quality(QualityMap quality) {
    List<String> counts = new ArrayList<>();
    for (HeadQuality each : HeadQuality.values()) {
      counts.add(each.name() + " " + quality.count(each));
    }
    out.println(" Heads: " + String.join(", ", counts) + ".");
    out.println();
  }

  private void beliefs(Beliefs beliefs) {
    Table table = new Table(LEFT, LEFT, RIGHT, RIGHT, RIGHT, LEFT);
    table.row("head", "prior", "rounds", "f", "c", "action");
    int shown = all ? beliefs.heads().size() : Math.min(FEW, beliefs.heads().size());
    for (HeadBelief head : beliefs.heads().subList(0, shown)) {
      table.row(
          "blk " + head.head().block() + " " + head.head().projection().label(),
          head.quality().name(),
          Integer.toString(head.rounds()),
          Numbers.measure((double) head.truth().frequency()),
          Numbers.measure((double) head.truth().confidence()),
          head.action().name());
    }
    table.lines(" ").forEach(out::println);
    out.println();
  }

  private void trace(RowTrace trace) {
    out.println(
        Printable.of(
            " Back from row %d of %s, %s among %s that shifted%s:"
                .formatted(
                    trace.row(),
                    trace.tensor(),
                    Numbers.of(trace.steps().size(), "step"),
                    Numbers.of(trace.candidates(), "row"),
                    trace.revisit() ? ", rows may come again" : "")));
    trace
        .steps()
        .forEach(step ->
            out.println(
                Printable.of(
                    "  row %d of %s   L1 %d   f %s   c %s"
                        .formatted(
                            step.edge().row(),
                            step.edge().tensor(),
                            step.step().distance(),
                            Numbers.measure((double) step.step().truth().frequency()),
                            Numbers.measure((double) step.step().truth().confidence())))));
    out.println();
  }
}
