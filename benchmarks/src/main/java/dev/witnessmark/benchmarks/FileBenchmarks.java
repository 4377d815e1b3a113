package dev.witnessmark.benchmarks;

import dev.witnessmark.compare.CheckpointDiff;
import dev.witnessmark.compare.DiffOptions;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.kernels.host.Processor;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long {@code wmark diff} takes on two files in the page cache, as a multiple of reading both
 * with two threads. Both are measured in turn in one process, several rounds; the ratio is that of
 * the best rounds, since the machine's neighbours only ever slow things down.
 */
public final class FileBenchmarks {

  private static final int THREADS = 2;
  private static final int TENSORS = 16;
  private static final int READ = 1 << 20;

  private FileBenchmarks() {}

  /** What the second file is like. */
  private enum Scenario {
    F32_EQUAL("F32", 4, 0),
    F32_ALL_MOVED("F32", 4, 1),
    BF16_EIGHTH_MOVED("BF16", 2, 0.125),
    BF16_ALL_MOVED("BF16", 2, 1);

    private final String type;
    private final int bytes;
    private final double moved;

    Scenario(String type, int bytes, double moved) {
      this.type = type;
      this.bytes = bytes;
      this.moved = moved;
    }
  }

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
        write(a, scenario, bytes, 0);
        write(b, scenario, bytes, scenario.moved);
        List<Double> reads = new ArrayList<>();
        List<Double> diffs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
          reads.add(seconds(() -> read(List.of(a, b))));
          diffs.add(seconds(() -> diff(a, b)));
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

  private interface Work {
    void run() throws Exception;
  }

  private static double seconds(Work work) throws Exception {
    long began = System.nanoTime();
    work.run();
    return (System.nanoTime() - began) / 1e9;
  }

  /** A safetensors file of matrices; a share of {@code moved} of them differs from a plain one. */
  private static void write(Path file, Scenario scenario, long bytes, double moved)
      throws IOException {
    int columns = 4096;
    long rows = bytes / TENSORS / columns / scenario.bytes;
    long each = rows * columns * scenario.bytes;
    StringBuilder header = new StringBuilder("{");
    for (int t = 0; t < TENSORS; t++) {
      header
          .append(t == 0 ? "" : ",")
          .append(
              "\"model.layers.%d.mlp.up_proj.weight\":{\"dtype\":\"%s\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]}"
                  .formatted(t, scenario.type, rows, columns, t * each, (t + 1) * each));
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(json.length);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(length.array());
      out.write(json);
      for (int t = 0; t < TENSORS; t++) {
        byte[] block = values(scenario, new SplittableRandom(t), t < TENSORS * moved);
        for (long done = 0; done < each; done += block.length) {
          out.write(block, 0, (int) Math.min(block.length, each - done));
        }
      }
    }
  }

  /**
   * 1 MiB of normal-looking weights, or the same ones moved by a twentieth, as a fine-tune would.
   */
  private static byte[] values(Scenario scenario, SplittableRandom random, boolean moved) {
    ByteBuffer buffer = ByteBuffer.allocate(READ).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      double weight = random.nextGaussian() * 0.02;
      double change = random.nextGaussian() * 0.001;
      float value = (float) (moved ? weight + change : weight);
      if (scenario.bytes == 4) {
        buffer.putFloat(value);
      } else {
        buffer.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      }
    }
    return buffer.array();
  }

  /** Reads all files with positioned reads into staging memory, as the comparison does. */
  private static void read(List<Path> files) throws Exception {
    for (Path file : files) {
      AtomicLong next = new AtomicLong();
      try (ByteSource source = FileByteSource.open(file);
          ExecutorService readers = Executors.newFixedThreadPool(THREADS)) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          running.add(
              readers.submit(() -> {
                try (Arena arena = Arena.ofConfined()) {
                  MemorySegment staging = arena.allocate(READ, 64);
                  long at;
                  while ((at = next.getAndAdd(READ)) < source.size()) {
                    source.read(at, staging.asSlice(0, Math.min(READ, source.size() - at)));
                  }
                }
                return null;
              }));
        }
        for (Future<?> reader : running) {
          reader.get();
        }
      }
    }
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
