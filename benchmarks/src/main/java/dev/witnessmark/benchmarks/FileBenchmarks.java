package dev.witnessmark.benchmarks;

import dev.witnessmark.compare.CheckpointDiff;
import dev.witnessmark.compare.DiffOptions;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.format.Limits;
import dev.witnessmark.kernels.host.Processor;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long {@code wmark diff} takes on two files in the page cache, as a multiple of reading both
 * with two threads. Both are measured in turn in one process, several rounds; the ratio is that of
 * the best rounds, since the machine's neighbours only ever slow things down.
 */
public final class FileBenchmarks {

  private static final int THREADS = 2;

  private FileBenchmarks() {}

  /**
   * @param arguments the results file to write, MiB per file, rounds
   */
  public static void main(String[] arguments) throws Exception {
    Path results = Path.of(arguments[0]);
    long bytes = Long.parseLong(arguments[1]) << 20;
    int rounds = Integer.parseInt(arguments[2]);
    Path folder = Files.createTempDirectory("wmark-benchmark");
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    List<Map<String, Object>> rows = new ArrayList<>();
    out.printf(
        "%-20s %14s %14s %10s%n", "two files, 2 threads", "read GB/s", "diff GB/s", "diff/read");
    try {
      for (Scenario scenario : Scenario.values()) {
        Path a = folder.resolve("a.safetensors");
        Path b = folder.resolve("b.safetensors");
        scenario.write(a, b, bytes);
        List<Double> reads = new ArrayList<>();
        List<Double> diffs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
          reads.add(Seconds.of(() -> PlainRead.of(List.of(a, b), THREADS)));
          diffs.add(Seconds.of(() -> diff(a, b)));
        }
        double total = Files.size(a) + (double) Files.size(b);
        double read = Collections.min(reads);
        double diff = Collections.min(diffs);
        out.printf(
            Locale.ROOT,
            "%-20s %14.1f %14.1f %10.2f%n",
            scenario,
            total / read / 1e9,
            total / diff / 1e9,
            diff / read);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("scenario", scenario.name());
        row.put("bytes", (long) total);
        row.put("readSeconds", reads);
        row.put("diffSeconds", diffs);
        row.put("bestDiffOverBestRead", diff / read);
        rows.add(row);
      }
    } finally {
      Files.deleteIfExists(folder.resolve("a.safetensors"));
      Files.deleteIfExists(folder.resolve("b.safetensors"));
      Files.delete(folder);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("schema", "witnessmark-file-benchmarks-v1");
    document.put("processor", Processor.name());
    document.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
    document.put("threads", THREADS);
    document.put("results", rows);
    Files.writeString(
        results,
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(document)
            + "\n");
  }

  private static void diff(Path a, Path b) throws IOException {
    DiffOptions options =
        new DiffOptions(List.of(), 10, THREADS, 1L << 30, null, null, null, List.of(), "benchmark");
    try (Operand left = Operand.open(a.toString(), Limits.DEFAULT);
        Operand right = Operand.open(b.toString(), Limits.DEFAULT)) {
      CheckpointDiff.run(left, right, options, Limits.DEFAULT, Progress.NONE);
    }
  }
}
