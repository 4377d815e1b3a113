package dev.witnessmark.bench.command;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchRun;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.Fork;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The benchmark results of many runs of one command as one result: every run is a fork, whatever
 * processes it consisted of, since the run is what is repeated.
 */
final class RunSamples {

  private final String command;
  private final Map<CellKey, List<Cell>> cells = new LinkedHashMap<>();
  private final Set<BenchDevice> devices = new LinkedHashSet<>();
  private int runs;

  RunSamples(String command) {
    this.command = command;
  }

  /**
   * Adds a run.
   *
   * @throws CouldNotCompare if it did not measure what the runs before it measured
   */
  void add(BenchResult run) throws CouldNotCompare {
    for (Cell cell : run.cells()) {
      if (runs == 0) {
        devices.add(run.device(cell));
      }
      List<Cell> known = cells.computeIfAbsent(cell.key(), key -> new ArrayList<>());
      boolean sameAsBefore =
          known.size() == runs
              && (runs == 0 || Objects.equals(known.getFirst().variant(), cell.variant()));
      if (!sameAsBefore) {
        throw changed(cell);
      }
      known.add(cell);
    }
    for (List<Cell> known : cells.values()) {
      if (known.size() == runs) {
        throw changed(known.getFirst());
      }
    }
    runs++;
  }

  private CouldNotCompare changed(Cell cell) {
    return new CouldNotCompare(
        "%s: run %d did not measure %s as the runs before did; every run must measure the same"
            .formatted(command, runs + 1, cell.key().label()));
  }

  BenchResult result() {
    return new BenchResult(
        List.copyOf(devices),
        cells.values().stream().map(RunSamples::merged).toList(),
        new BenchRun("sh -c", List.of(command), System.getProperty("os.name")));
  }

  private static Cell merged(List<Cell> runs) {
    Cell first = runs.getFirst();
    return new Cell(
        first.key(),
        first.deviceId(),
        first.variant(),
        first.bytes(),
        first.operations(),
        runs.stream().mapToLong(Cell::launchesPerSample).min().orElseThrow(),
        first.launchOverhead(),
        runs.stream().flatMap(cell -> cell.aaRatios().stream()).toList(),
        runs.stream().map(cell -> Fork.joined(cell.forks())).toList());
  }
}
