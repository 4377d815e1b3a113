package dev.witnessmark.benchmarks;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.fingerprint.index.CheckpointFingerprints;
import dev.witnessmark.fingerprint.index.IndexOptions;
import dev.witnessmark.fingerprint.index.IndexRun;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
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
 * How fast {@code wmark index} is on a file in the page cache, as a part of the speed of reading it
 * with two threads. Both are measured in turn in one process, several rounds; the ratio is that of
 * the best rounds, since the machine's neighbours only ever slow things down.
 */
public final class IndexBenchmarks {

  private static final int THREADS = 2;

  private static final List<TensorType> TYPES =
      List.of(TensorType.F32, TensorType.BF16, TensorType.F16, TensorType.Q8_0, TensorType.Q4_K);

  private IndexBenchmarks() {}

  /**
   * @param arguments the results file to write, MiB of the file, rounds
   */
  public static void main(String[] arguments) throws Exception {
    long bytes = Long.parseLong(arguments[1]) << 20;
    int rounds = Integer.parseInt(arguments[2]);
    Path folder = Files.createTempDirectory("wmark-benchmark");
    Path model = folder.resolve("model.gguf");
    Path index = folder.resolve("model.bgz7");
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    List<Map<String, Object>> rows = new ArrayList<>();
    out.printf(
        "%-10s %12s %12s %16s %12s%n",
        "2 threads", "read GB/s", "index GB/s", "index G elem/s", "index/read");
    try {
      for (TensorType type : TYPES) {
        MatrixFile file = MatrixFile.of(type, bytes);
        file.write(model);
        List<Double> reads = new ArrayList<>();
        List<Double> indexings = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
          reads.add(Seconds.of(() -> PlainRead.of(List.of(model), THREADS)));
          indexings.add(Seconds.of(() -> index(model, index)));
        }
        double read = Collections.min(reads);
        double indexing = Collections.min(indexings);
        out.printf(
            Locale.ROOT,
            "%-10s %12.1f %12.1f %16.2f %12.2f%n",
            type,
            Files.size(model) / read / 1e9,
            Files.size(model) / indexing / 1e9,
            file.values() / indexing / 1e9,
            read / indexing);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("type", type.name());
        row.put("bytes", Files.size(model));
        row.put("values", file.values());
        row.put("readSeconds", reads);
        row.put("indexSeconds", indexings);
        row.put("bestReadOverBestIndex", read / indexing);
        row.put("gigaElementsPerSecond", file.values() / indexing / 1e9);
        rows.add(row);
      }
    } finally {
      Files.deleteIfExists(model);
      Files.deleteIfExists(index);
      Files.delete(folder);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("schema", "witnessmark-index-benchmarks-v1");
    document.put("processor", Processor.name());
    document.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
    document.put("vectors", VectorWidth.reason());
    document.put("threads", THREADS);
    document.put("results", rows);
    Files.writeString(
        Path.of(arguments[0]),
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(document)
            + "\n");
  }

  private static void index(Path model, Path index) throws IOException {
    try (CheckpointFingerprints fingerprints =
        CheckpointFingerprints.open(
            Operand.open(model.toString(), Limits.DEFAULT),
            CheckpointFingerprints.Options.DEFAULT)) {
      IndexRun.write(
          List.of(new IndexRun.Job(index, List.of(fingerprints))),
          new IndexOptions(THREADS, 1L << 30, null, null, List.of(), "benchmark"),
          Progress.NONE);
    }
  }
}
