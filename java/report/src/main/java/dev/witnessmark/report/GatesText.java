package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.causal.gate.CrossReference;
import dev.witnessmark.causal.gate.ExpertGroup;
import dev.witnessmark.causal.gate.GateStudy;
import dev.witnessmark.causal.gate.GateTopology;
import dev.witnessmark.causal.gate.RoutedBlock;
import dev.witnessmark.causal.gate.UnrelatedExperts;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.List;

/** The screen of {@code wmark gates}: routers, experts that are chosen alike, and the null. */
public final class GatesText {

  private static final int FEW = 32;

  private final GateStudy study;
  private final boolean all;
  private final PrintStream out;

  private GatesText(GateStudy study, boolean all, PrintStream out) {
    this.study = study;
    this.all = all;
    this.out = out;
  }

  /**
   * Prints {@code study} to {@code out}.
   *
   * @param all every block and group
   */
  public static void print(GateStudy study, boolean all, PrintStream out) {
    new GatesText(study, all, out).print();
    out.flush();
  }

  private void print() {
    study.models().forEach(this::model);
    study.crossReferences().forEach(this::crossReference);
    study
        .verdict()
        .basis()
        .forEach(line -> Paragraph.lines(" ", Printable.of(line) + ".").forEach(out::println));
    out.println("%s (exit %d)".formatted(study.verdict().label(), study.verdict().exit().code()));
  }

  private void model(GateTopology gates) {
    gates.incomplete().forEach(reason -> out.println(Printable.of("Incomplete: " + reason)));
    gates
        .notices()
        .forEach(notice -> Paragraph.lines("Note: ", Printable.of(notice)).forEach(out::println));
    out.println(
        Printable.of(
            "%s   %s with routers, redundant nearer than L1 %d"
                .formatted(
                    gates.model(), Numbers.of(gates.blocks().size(), "block"), gates.threshold())));
    out.println();
    if (gates.blocks().isEmpty()) {
      return;
    }
    Table table = new Table(LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT, LEFT);
    table.row(
        "block",
        "experts",
        "pairs",
        "redundant",
        "share",
        "mean L1",
        "smallest",
        "against unrelated experts",
        "groups");
    int shown = all ? gates.blocks().size() : Math.min(FEW, gates.blocks().size());
    for (RoutedBlock block : gates.blocks().subList(0, shown)) {
      table.row(
          block.block().isPresent() ? "blk " + block.block().getAsLong() : "no block",
          Integer.toString(block.experts()),
          Numbers.exact(block.pairs()),
          Numbers.exact(block.redundantPairs()),
          Numbers.percent(block.redundantShare()),
          Numbers.measure(block.meanDistance()),
          Integer.toString(block.smallestDistance()),
          block.redundancy().label(),
          groups(block.groups()));
    }
    table.lines(" ").forEach(out::println);
    if (shown < gates.blocks().size()) {
      out.println(" …%d more blocks (--all)".formatted(gates.blocks().size() - shown));
    }
    out.println();
    unrelated(gates);
    out.println(
        " By the bare threshold %s of %s pairs are redundant: f %s, c %s."
            .formatted(
                Numbers.exact(gates.redundantPairs()),
                Numbers.exact(gates.pairs()),
                Numbers.measure((double) gates.truth().frequency()),
                Numbers.measure((double) gates.truth().confidence())));
    out.println();
  }

  private void unrelated(GateTopology gates) {
    UnrelatedExperts unrelated = gates.unrelated();
    if (!unrelated.known()) {
      Paragraph.lines(
              " ",
              "There is no null: routers of two blocks are needed to know how far apart unrelated"
                  + " experts are. Do not read redundancy off the threshold alone.")
          .forEach(out::println);
      return;
    }
    Paragraph.lines(
            " ",
            ("Null: experts of different blocks are L1 %s apart (%d to %d); one pair of a hundred is"
                    + " nearer than %d.")
                .formatted(
                    Numbers.measure(unrelated.mean()),
                    unrelated.smallest(),
                    unrelated.largest(),
                    unrelated.near()))
        .forEach(out::println);
    if (gates.blind()) {
      Paragraph.lines(
              " ",
              "The threshold is blind: unrelated experts are nearer than that too, so that"
                  + " everything looks redundant.")
          .forEach(out::println);
    }
  }

  private String groups(List<ExpertGroup> groups) {
    if (groups.isEmpty()) {
      return "none";
    }
    int shown = all ? groups.size() : Math.min(3, groups.size());
    StringBuilder text = new StringBuilder();
    for (ExpertGroup group : groups.subList(0, shown)) {
      text.append(text.isEmpty() ? "" : "  ")
          .append('{')
          .append(Ranges.of(group.experts()))
          .append('}');
    }
    return shown < groups.size()
        ? text + " …" + (groups.size() - shown) + " more"
        : text.toString();
  }

  private void crossReference(CrossReference cross) {
    out.println(
        Printable.of(
            " Scaffold of %s beside the routers of %s: %s"
                .formatted(cross.scaffoldModel(), cross.gateModel(), cross.verdict())));
    if (!cross.sameArchitecture()) {
      Paragraph.lines(
              " ",
              "Their attention has other shapes or other blocks, so block numbers of the one say"
                  + " nothing about the other.")
          .forEach(out::println);
    }
    for (CrossReference.Entry entry : cross.entries()) {
      out.println(
          "  block %d: %s"
              .formatted(entry.block(), entry.router().map(this::router).orElse("no router")));
    }
    if (cross.sameArchitecture() && cross.entries().isEmpty()) {
      out.println("  no scaffold block");
    }
    out.println();
  }

  private String router(RoutedBlock block) {
    return "%s of pairs redundant by the bare threshold; %s"
        .formatted(Numbers.percent(block.redundantShare()), block.redundancy().label());
  }
}
