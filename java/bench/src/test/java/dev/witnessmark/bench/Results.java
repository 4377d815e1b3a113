package dev.witnessmark.bench;

import java.util.List;

/** Benchmark results for tests. */
public final class Results {

  public static final DeviceIdentity H200 = new DeviceIdentity("cuda", "NVIDIA H200", "GPU-1");

  private Results() {}

  /** A key that differs by its kernel. */
  public static CellKey key(String kernel) {
    return key(kernel, H200, "q8");
  }

  public static CellKey key(String kernel, DeviceIdentity device, String path) {
    return new CellKey(
        kernel, "q4_k", List.of(4096L, 14336L), 1L, device, null, path, "canonical", "cold");
  }

  public static Cell cell(CellKey key, Fork... forks) {
    return new Cell(
        key,
        "cuda:0",
        "matvec_q8 sm_90",
        33_030_144L,
        117_440_512L,
        1,
        1900.0,
        List.of(),
        List.of(forks));
  }

  public static BenchDevice device(DeviceIdentity identity) {
    return new BenchDevice("cuda:0", identity, "570.86", 0.5, 4.0e12, null, 4.8e12, null);
  }

  public static BenchResult result(Cell... cells) {
    return new BenchResult(
        List.of(device(cells[0].key().device())),
        List.of(cells),
        new BenchRun("wmark 0.1.0", List.of("bench"), "25"));
  }
}
