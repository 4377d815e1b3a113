package dev.witnessmark.benchmarks;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchResultWriter;
import dev.witnessmark.bench.BenchRun;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.Fork;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;

/**
 * Every shot of every fork, for {@code wmark guard}: two shots of one JVM have its compiled code
 * and its addresses in common, so that the fork is what may be called independent.
 */
final class ForkedSamples {

  private static final String DEVICE = "cpu";

  private final Map<CellKey, List<Fork>> forks = new LinkedHashMap<>();
  private final DeviceIdentity identity;

  ForkedSamples(String processor) {
    identity = new DeviceIdentity(DEVICE, processor, null);
  }

  /** Takes the forks of one result. */
  void add(RunResult result) {
    String[] path = result.getParams().getBenchmark().split("\\.", -1);
    CellKey key =
        new CellKey(
            path[path.length - 2],
            result.getParams().getParam("type"),
            List.of(),
            null,
            identity,
            1L,
            null,
            "canonical",
            null);
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      double[] nanoseconds =
          fork.getIterationResults().stream()
              .mapToDouble(shot -> shot.getPrimaryResult().getScore())
              .toArray();
      forks.computeIfAbsent(key, first -> new ArrayList<>()).add(Fork.of(nanoseconds));
    }
  }

  /** Writes a {@code wmark-bench-v1} document; times are of one element. */
  void write(Path file, List<String> arguments) throws IOException {
    List<Cell> cells =
        forks.entrySet().stream()
            .map(each ->
                new Cell(
                    each.getKey(), DEVICE, null, null, null, 1, null, List.of(), each.getValue()))
            .toList();
    BenchDevice device = new BenchDevice(DEVICE, identity, null, 1, null, null, null, null);
    try (OutputStream out = Files.newOutputStream(file)) {
      BenchResultWriter.write(
          new BenchResult(
              List.of(device), cells, new BenchRun("JMH", arguments, "Java " + Runtime.version())),
          out);
    }
  }
}
