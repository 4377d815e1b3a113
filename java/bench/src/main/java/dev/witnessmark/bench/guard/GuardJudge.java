package dev.witnessmark.bench.guard;

import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.guard.CellPair.CellSide;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Judges all cells of two results together. */
public final class GuardJudge {

  private final GuardOptions options;
  private final boolean interleaved;

  /**
   * @param options when a change counts
   * @param interleaved whether both sides were measured in turns
   */
  public GuardJudge(GuardOptions options, boolean interleaved) {
    this.options = options;
    this.interleaved = interleaved;
  }

  /** Every cell of either side; those of the old side first, in their order. */
  public List<CellResult> judge(BenchResult before, BenchResult after) {
    Map<CellKey, Cell> unmatched = new LinkedHashMap<>();
    after.cells().forEach(cell -> unmatched.put(cell.key(), cell));
    Map<CellKey, CellPair> pairs = new LinkedHashMap<>();
    for (Cell cell : before.cells()) {
      Cell other = unmatched.remove(cell.key());
      if (other != null) {
        pairs.put(
            cell.key(),
            new CellPair(
                new CellSide(cell, before.device(cell)), new CellSide(other, after.device(other))));
      }
    }
    Map<CellKey, CellResult> compared = compared(pairs.values().stream().toList());
    Map<CellKey.Work, Deque<CellKey>> elsewhere = new LinkedHashMap<>();
    for (CellKey key : unmatched.keySet()) {
      elsewhere.computeIfAbsent(key.work(), work -> new ArrayDeque<>()).add(key);
    }
    List<CellResult> results = new ArrayList<>();
    for (Cell cell : before.cells()) {
      CellResult result = compared.get(cell.key());
      results.add(result == null ? missing(cell.key(), elsewhere) : result);
    }
    elsewhere.values().stream()
        .flatMap(Deque::stream)
        .map(key ->
            CellResult.notCompared(key, Reason.ONLY_IN_NEW, "the old side did not measure it"))
        .forEach(results::add);
    return results;
  }

  /** A cell of the old side that the new one lacks, or has under other conditions only. */
  private static CellResult missing(CellKey key, Map<CellKey.Work, Deque<CellKey>> unmatched) {
    CellKey elsewhere = unmatched.getOrDefault(key.work(), new ArrayDeque<>()).poll();
    if (elsewhere == null) {
      return CellResult.notCompared(key, Reason.ONLY_IN_OLD, "the new side did not measure it");
    }
    List<String> differences = new ArrayList<>();
    difference(differences, "device", key.device().label(), elsewhere.device().label());
    difference(differences, "path", key.path(), elsewhere.path());
    difference(differences, "threads", key.threads(), elsewhere.threads());
    return CellResult.notCompared(
        key, Reason.OTHER_CONDITIONS, String.join(", ", differences) + ": never compared");
  }

  private static void difference(
      List<String> differences, String what, @Nullable Object old, @Nullable Object now) {
    if (!Objects.equals(old, now)) {
      differences.add("%s %s → %s".formatted(what, told(old), told(now)));
    }
  }

  private static Object told(@Nullable Object value) {
    return value == null ? "not told" : value;
  }

  private Map<CellKey, CellResult> compared(List<CellPair> pairs) {
    Map<CellKey, CellResult> results = new HashMap<>();
    List<CellPair> judged = new ArrayList<>();
    for (CellPair pair : pairs) {
      if (pair.before().hasSamples() && pair.after().hasSamples()) {
        judged.add(pair);
      } else {
        CellSide side = pair.before().hasSamples() ? pair.after() : pair.before();
        results.put(
            pair.key(),
            CellResult.notCompared(
                pair.key(),
                Reason.ALL_THROTTLED,
                "all %d samples of a side throttled; run again".formatted(side.taken())));
      }
    }
    CellJudge judge = new CellJudge(options, interleaved);
    List<CellStatistics> statistics = judged.stream().map(judge::measure).toList();
    double[] adjusted =
        Holm.adjusted(statistics.stream().mapToDouble(CellStatistics::pValue).toArray());
    for (int i = 0; i < judged.size(); i++) {
      CellPair pair = judged.get(i);
      results.put(
          pair.key(), judge.judge(pair, statistics.get(i).adjusted(adjusted[i]), judged.size()));
    }
    return results;
  }

  /**
   * The first answers, with every change that a second measurement does not show again made
   * unclear.
   *
   * @param first answers to the first measurement
   * @param second answers to the second
   */
  public static List<CellResult> confirmed(List<CellResult> first, List<CellResult> second) {
    Map<CellKey, CellResult> again = new HashMap<>();
    second.forEach(cell -> again.put(cell.key(), cell));
    return first.stream()
        .map(cell -> cell.outcome().changed() ? confirmed(cell, again.get(cell.key())) : cell)
        .toList();
  }

  private static CellResult confirmed(CellResult first, @Nullable CellResult second) {
    CellStatistics statistics = first.statistics();
    if (statistics != null && second != null && second.statistics() != null) {
      statistics = statistics.measuredAgain(second.statistics().time());
    }
    if (second != null && second.outcome() == first.outcome()) {
      return new CellResult(first.key(), first.outcome(), null, "", statistics);
    }
    return new CellResult(
        first.key(),
        Outcome.UNCLEAR,
        Reason.NOT_CONFIRMED,
        "%s at first, %s when measured again"
            .formatted(
                first.outcome().label(), second == null ? "missing" : second.outcome().label()),
        statistics);
  }
}
