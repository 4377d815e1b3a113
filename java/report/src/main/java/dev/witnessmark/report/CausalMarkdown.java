package dev.witnessmark.report;

import dev.witnessmark.causal.CausalStudy;
import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.diff.RevisedTruths;
import dev.witnessmark.causal.diff.ScaffoldBlock;
import dev.witnessmark.causal.diff.Shift;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The report of {@code wmark causal --markdown}, to be kept beside models. */
public final class CausalMarkdown {

  private static final int TOP = 20;

  private final CausalStudy study;
  private final PrintStream out;

  private CausalMarkdown(CausalStudy study, PrintStream out) {
    this.study = study;
    this.out = out;
  }

  /** Writes {@code study} to {@code out}. */
  public static void print(CausalStudy study, PrintStream out) {
    new CausalMarkdown(study, out).print();
    out.flush();
  }

  private void print() {
    out.println("# What the fine-tune rewired");
    out.println();
    out.println(
        "Verdict: **%s** (exit %d)"
            .formatted(study.verdict().label(), study.verdict().exit().code()));
    out.println();
    models();
    summary();
    scaffold();
    truths();
    top();
  }

  private void models() {
    out.println("## Model matrix");
    out.println();
    header("diff", "base", "tuned", "measure", "tensors", "not compared", "complete");
    for (int i = 0; i < study.diffs().size(); i++) {
      CausalResult diff = study.diffs().get(i);
      int others = diff.unequal().size() + diff.onlyInBase().size() + diff.onlyInTuned().size();
      row(
          Integer.toString(i + 1),
          diff.base(),
          diff.tuned(),
          diff.measure().label(),
          Integer.toString(diff.tensors().size()),
          Integer.toString(others),
          diff.incomplete().isEmpty() ? "yes" : "**no**: " + String.join("; ", diff.incomplete()));
    }
    out.println();
  }

  private void summary() {
    out.println("## Diff summary");
    out.println();
    header(
        "diff",
        "projection",
        "shifted",
        "rows",
        "share",
        "mean distance",
        "largest",
        "unrelated rows",
        "in units of these");
    for (int i = 0; i < study.diffs().size(); i++) {
      CausalResult diff = study.diffs().get(i);
      int number = i + 1;
      diff.projections()
          .forEach((projection, shift) -> summaryRow(number, projection.label(), shift.shift()));
      summaryRow(number, "all", diff.total());
    }
    out.println();
    for (CausalResult diff : study.diffs()) {
      if (diff.blindRows() > 0) {
        out.println(
            escaped(
                "%s → %s: for %s of %s rows the threshold is beyond the distance of unrelated rows;"
                        .formatted(
                            diff.base(),
                            diff.tuned(),
                            Numbers.exact(diff.blindRows()),
                            Numbers.exact(diff.total().rows()))
                    + " a share of 0 says nothing there."));
        out.println();
      }
    }
  }

  private void summaryRow(int diff, String projection, Shift shift) {
    row(
        Integer.toString(diff),
        projection,
        Numbers.exact(shift.shifted()),
        Numbers.exact(shift.rows()),
        Numbers.percent(shift.ratio()),
        Numbers.measure(shift.mean()),
        Numbers.measure(shift.largest()),
        Double.isNaN(shift.meanOfNull()) ? "–" : Numbers.measure(shift.meanOfNull()),
        Double.isNaN(shift.inUnitsOfNull()) ? "–" : Numbers.measure(shift.inUnitsOfNull()));
  }

  private void scaffold() {
    out.println("## Reasoning scaffold");
    out.println();
    boolean any = false;
    for (CausalResult diff : study.diffs()) {
      any |= !diff.scaffold().numbers().isEmpty();
    }
    if (!any) {
      out.println("No block of any diff is a scaffold block.");
      out.println();
      return;
    }
    header("diff", "block", "Q", "K", "O");
    for (int i = 0; i < study.diffs().size(); i++) {
      for (ScaffoldBlock block : study.diffs().get(i).scaffold().blocks()) {
        if (block.scaffold()) {
          row(
              Integer.toString(i + 1),
              Long.toString(block.block()),
              share(block.q()),
              share(block.k()),
              share(block.o()));
        }
      }
    }
    out.println();
  }

  private static String share(OptionalDouble share) {
    return share.isPresent() ? Numbers.percent(share.getAsDouble()) : "absent";
  }

  private void truths() {
    out.println("## Revised truth");
    out.println();
    header("projection", "f in order", "c", "", "f counted together", "c", "");
    for (Map.Entry<Projection, Truth> each : study.inOrder().byProjection().entrySet()) {
      Truth pooled = study.pooled().byProjection().getOrDefault(each.getKey(), Truth.IGNORANCE);
      row(
          each.getKey().label(),
          Numbers.measure((double) each.getValue().frequency()),
          Numbers.measure((double) each.getValue().confidence()),
          RevisedTruths.label(each.getValue()),
          Numbers.measure((double) pooled.frequency()),
          Numbers.measure((double) pooled.confidence()),
          RevisedTruths.label(pooled));
    }
    out.println();
  }

  private record Place(int diff, HeadKey head, Shift shift) {}

  private void top() {
    out.println("## Heads that moved most");
    out.println();
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < study.diffs().size(); i++) {
      int number = i + 1;
      study
          .diffs()
          .get(i)
          .heads()
          .forEach((head, shift) -> places.add(new Place(number, head, shift)));
    }
    header(
        "diff", "block", "projection", "mean distance", "in units of the null", "shifted", "rows");
    places.stream()
        .sorted(
            Comparator.comparingDouble((Place place) -> -place.shift().mean())
                .thenComparingInt(Place::diff)
                .thenComparing(Place::head))
        .limit(TOP)
        .forEach(place ->
            row(
                Integer.toString(place.diff()),
                Long.toString(place.head().block()),
                place.head().projection().label(),
                Numbers.measure(place.shift().mean()),
                Double.isNaN(place.shift().inUnitsOfNull())
                    ? "–"
                    : Numbers.measure(place.shift().inUnitsOfNull()),
                Numbers.exact(place.shift().shifted()),
                Numbers.exact(place.shift().rows())));
  }

  private void header(String... cells) {
    row(cells);
    out.println("|" + "---|".repeat(cells.length));
  }

  private void row(String... cells) {
    StringBuilder line = new StringBuilder("|");
    for (String cell : cells) {
      line.append(' ').append(escaped(cell)).append(" |");
    }
    out.println(line);
  }

  /** A model's name must not end a cell or begin a tag. */
  private static String escaped(String text) {
    return Printable.of(text).replace("|", "\\|").replace("<", "&lt;");
  }
}
