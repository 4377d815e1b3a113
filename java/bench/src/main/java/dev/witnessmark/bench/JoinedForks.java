package dev.witnessmark.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results of several processes that measured the same, as the forks of one result. */
public final class JoinedForks {

  private JoinedForks() {}

  /**
   * The first result with the forks of all.
   *
   * @param results at least one
   * @param run how they were measured together
   * @throws IllegalArgumentException if they hold different cells
   */
  public static BenchResult of(List<BenchResult> results, BenchRun run) {
    BenchResult first = results.getFirst();
    Map<CellKey, List<Fork>> forks = new LinkedHashMap<>();
    for (BenchResult result : results) {
      for (Cell cell : result.cells()) {
        forks.computeIfAbsent(cell.key(), key -> new ArrayList<>()).addAll(cell.forks());
      }
    }
    List<Cell> cells = new ArrayList<>();
    for (Cell cell : first.cells()) {
      List<Fork> all = forks.get(cell.key());
      if (all == null || all.size() != results.size() || forks.size() != first.cells().size()) {
        throw new IllegalArgumentException("the forks measured different cells");
      }
      cells.add(
          new Cell(
              cell.key(),
              cell.deviceId(),
              cell.variant(),
              cell.bytes(),
              cell.operations(),
              cell.launchesPerSample(),
              cell.launchOverhead(),
              cell.aaRatios(),
              all));
    }
    return new BenchResult(first.devices(), cells, run, first.check());
  }
}
