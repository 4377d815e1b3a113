package dev.witnessmark.bench.guard;

import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How the verdict follows from the cells. */
final class GuardVerdict {

  private GuardVerdict() {}

  /**
   * What was not compared weighs most, since it may hide anything; then a loss, then what is
   * unclear.
   *
   * @param commonOnly whether cells of one side only were not asked for
   */
  static Verdict of(List<CellResult> cells, boolean commonOnly) {
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    cells.forEach(cell -> counts.merge(cell.outcome(), 1, Integer::sum));
    List<String> basis = new ArrayList<>();
    counts.forEach((outcome, count) -> basis.add(count + " " + outcome.words()));
    boolean anyCompared = cells.stream().anyMatch(cell -> cell.statistics() != null);
    if (!anyCompared) {
      basis.addFirst("no cell was compared");
    }
    if (!anyCompared || cells.stream().anyMatch(cell -> missing(cell, commonOnly))) {
      return new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, basis);
    }
    if (counts.containsKey(Outcome.SLOWER)) {
      return new Verdict("slower", ExitCode.DIFFERS, basis);
    }
    if (counts.containsKey(Outcome.UNCLEAR)) {
      return new Verdict("unclear", ExitCode.INCONCLUSIVE, basis);
    }
    return counts.containsKey(Outcome.FASTER)
        ? new Verdict("faster", ExitCode.SAME, basis)
        : new Verdict("same", ExitCode.SAME, basis);
  }

  private static boolean missing(CellResult cell, boolean commonOnly) {
    if (cell.outcome() != Outcome.NOT_COMPARED) {
      return false;
    }
    boolean oneSided = cell.reason() == Reason.ONLY_IN_OLD || cell.reason() == Reason.ONLY_IN_NEW;
    return !(commonOnly && oneSided);
  }
}
