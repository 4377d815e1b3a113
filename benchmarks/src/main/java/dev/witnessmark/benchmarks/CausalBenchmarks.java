package dev.witnessmark.benchmarks;

import dev.witnessmark.causal.diff.CausalDiff;
import dev.witnessmark.causal.diff.CausalOptions;
import dev.witnessmark.causal.diff.EdgeSink;
import dev.witnessmark.causal.diff.FingerprintPairs;
import dev.witnessmark.causal.diff.Threshold;
import dev.witnessmark.causal.gate.GateTopology;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.bgz7.Bgz7Entry;
import dev.witnessmark.fingerprint.bgz7.Bgz7Index;
import dev.witnessmark.fingerprint.bgz7.Bgz7Model;
import dev.witnessmark.fingerprint.bgz7.Bgz7Writer;
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
import java.util.SplittableRandom;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How fast two indexes in the page cache are compared, as a part of the speed of reading both with
 * two threads, and how long the pairs of 4,096 experts of a block take.
 */
public final class CausalBenchmarks {

  private static final int THREADS = 2;
  private static final int ROWS = 1 << 16;
  private static final int COLUMNS = 4096;
  private static final int EXPERTS = 4096;

  private CausalBenchmarks() {}

  /**
   * @param arguments the results file to write, MiB of each index, rounds
   */
  public static void main(String[] arguments) throws Exception {
    int tensors = (int) ((Long.parseLong(arguments[1]) << 20) / ((long) ROWS * Fingerprint.BYTES));
    int rounds = Integer.parseInt(arguments[2]);
    Path folder = Files.createTempDirectory("wmark-benchmark");
    Path base = folder.resolve("base.bgz7");
    Path tuned = folder.resolve("tuned.bgz7");
    Path experts = folder.resolve("experts.bgz7");
    List<Double> reads = new ArrayList<>();
    List<Double> diffs = new ArrayList<>();
    List<Double> clusters = new ArrayList<>();
    long bytes;
    try {
      write(base, "attn_q", tensors, ROWS, 1);
      write(tuned, "attn_q", tensors, ROWS, 2);
      write(experts, "ffn_gate_inp", 1, EXPERTS, 3);
      bytes = Files.size(base) + Files.size(tuned);
      for (int round = 0; round < rounds; round++) {
        reads.add(Seconds.of(() -> PlainRead.of(List.of(base, tuned), THREADS)));
        diffs.add(Seconds.of(() -> diff(base, tuned)));
        clusters.add(Seconds.of(() -> cluster(experts)));
      }
    } finally {
      Files.deleteIfExists(base);
      Files.deleteIfExists(tuned);
      Files.deleteIfExists(experts);
      Files.delete(folder);
    }
    double read = Collections.min(reads);
    double diff = Collections.min(diffs);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.printf(
        Locale.ROOT,
        "two indexes of %d rows: read %.1f GB/s, compared %.1f GB/s, %.2f of reading%n",
        (long) tensors * ROWS,
        bytes / read / 1e9,
        bytes / diff / 1e9,
        read / diff);
    out.printf(
        Locale.ROOT,
        "%d experts: %.3f s at best, %.3f s the first time%n",
        EXPERTS,
        Collections.min(clusters),
        clusters.getFirst());
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("schema", "witnessmark-causal-benchmarks-v1");
    document.put("processor", Processor.name());
    document.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
    document.put("threads", THREADS);
    document.put("bytes", bytes);
    document.put("readSeconds", reads);
    document.put("diffSeconds", diffs);
    document.put("bestReadOverBestDiff", read / diff);
    document.put("experts", EXPERTS);
    document.put("clusterSeconds", clusters);
    Files.writeString(
        Path.of(arguments[0]),
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(document)
            + "\n");
  }

  private static void write(Path file, String name, int tensors, int rows, long seed)
      throws IOException {
    List<Bgz7Entry> entries = new ArrayList<>();
    for (int i = 0; i < tensors; i++) {
      entries.add(
          new Bgz7Entry("blk." + i + "." + name + ".weight", LayerType.ATTENTION, rows, COLUMNS));
    }
    SplittableRandom random = new SplittableRandom(seed);
    short[] values = new short[rows * Fingerprint.DIMENSIONS];
    try (Bgz7Writer writer = Bgz7Writer.create(file, entries)) {
      for (int i = 0; i < tensors; i++) {
        for (int j = 0; j < values.length; j++) {
          values[j] = (short) random.nextInt(-300, 300);
        }
        writer.write(i, 0, rows, values);
      }
      writer.commit();
    }
  }

  private static void diff(Path base, Path tuned) throws IOException {
    try (FingerprintModel a = open(base);
        FingerprintModel b = open(tuned)) {
      CausalDiff.run(
          FingerprintPairs.of(a, b),
          new CausalOptions(
              Threshold.of(100_000), CausalOptions.USUAL_SCAFFOLD_SHARE, false, THREADS),
          EdgeSink.NONE,
          Progress.NONE);
    }
  }

  private static void cluster(Path experts) throws IOException {
    try (FingerprintModel model = open(experts)) {
      GateTopology.of(model, 500, EXPERTS);
    }
  }

  private static FingerprintModel open(Path index) throws IOException {
    return Bgz7Model.open(index.toString(), Bgz7Index.Reading.STRICT, Limits.DEFAULT);
  }
}
