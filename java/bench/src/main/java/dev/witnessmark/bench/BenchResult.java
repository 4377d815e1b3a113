package dev.witnessmark.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document {@code wmark-bench-v1}.
 *
 * @param devices what was measured on; ids are unique
 * @param cells what was measured; keys are unique
 * @param run how it was measured
 * @param check how a kernel of the user's own did; null if there was none
 */
public record BenchResult(
    List<BenchDevice> devices, List<Cell> cells, BenchRun run, @Nullable KernelCheck check) {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-bench-v1";

  public BenchResult {
    devices = List.copyOf(devices);
    cells = List.copyOf(cells);
  }

  /** A result without a kernel of the user's own. */
  public BenchResult(List<BenchDevice> devices, List<Cell> cells, BenchRun run) {
    this(devices, cells, run, null);
  }

  /**
   * The device that a cell of this result ran on.
   *
   * @throws IllegalArgumentException if the cell is not of this result
   */
  public BenchDevice device(Cell cell) {
    return devices.stream()
        .filter(device -> device.id().equals(cell.deviceId()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no device " + cell.deviceId()));
  }
}
