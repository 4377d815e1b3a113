package dev.witnessmark.benchmarks;

import dev.witnessmark.compare.CheckpointDiff;
import dev.witnessmark.compare.DiffDevice;
import dev.witnessmark.compare.DiffOptions;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.kernels.operation.WorkQueue;
import dev.witnessmark.kernels.operation.WorkQueues;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long {@code wmark diff --device} takes on two files in the page cache, as a multiple of what
 * bounds it: the slower of reading both into pinned memory and of copying as many bytes to the
 * device. All are measured in turn in one process with as many threads, several rounds; the ratio
 * is that of the best rounds. What equal bytes need not be sent is not taken off the copies.
 *
 * @param <M> memory of the device
 */
public final class PipelineBenchmarks<M> {

  private static final int THREADS = Runtime.getRuntime().availableProcessors();
  private static final long PIECE = 4L << 20;
  private static final int PIECES_OF_A_THREAD = 2;

  private final WorkQueues<M> queues;
  private final String id;

  private PipelineBenchmarks(String id, WorkQueues<M> queues) {
    this.id = id;
    this.queues = queues;
  }

  /**
   * @param arguments the results file to write, MiB of the first file, rounds, the device, a folder
   *     for the two files, and the folder of the emulated device
   */
  public static void main(String[] arguments) throws Exception {
    long bytes = Long.parseLong(arguments[1]) << 20;
    int rounds = Integer.parseInt(arguments[2]);
    Path folder = Files.createTempDirectory(Path.of(arguments[4]), "wmark-benchmark");
    try (OpenDevice<?> opened = OpenDevice.open(arguments[3], Path.of(arguments[5]))) {
      List<Map<String, Object>> rows =
          new PipelineBenchmarks<>(opened.id(), opened.cuda().orElseThrow())
              .measure(folder, bytes, rounds);
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("schema", "witnessmark-pipeline-benchmarks-v1");
      document.put("device", opened.product());
      document.put("driver", opened.driver());
      document.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
      document.put("threads", THREADS);
      document.put("results", rows);
      Files.writeString(
          Path.of(arguments[0]),
          JsonMapper.builder()
                  .enable(SerializationFeature.INDENT_OUTPUT)
                  .build()
                  .writeValueAsString(document)
              + "\n");
    } finally {
      Files.deleteIfExists(folder.resolve("a.safetensors"));
      Files.deleteIfExists(folder.resolve("b.safetensors"));
      Files.delete(folder);
    }
  }

  private List<Map<String, Object>> measure(Path folder, long bytes, int rounds) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.printf(
        "%-20s %10s %10s %10s %12s%n", "GB/s of two files", "read", "copy", "diff", "diff/bound");
    Path a = folder.resolve("a.safetensors");
    Path b = folder.resolve("b.safetensors");
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Scenario scenario : Scenario.values()) {
      scenario.write(a, b, bytes);
      long total = Files.size(a) + Files.size(b);
      List<Double> reads = new ArrayList<>();
      List<Double> copies = new ArrayList<>();
      List<Double> diffs = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        reads.add(read(List.of(a, b)));
        copies.add(copy(total));
        diffs.add(Seconds.of(() -> diff(a, b)));
      }
      double read = Collections.min(reads);
      double copy = Collections.min(copies);
      double diff = Collections.min(diffs);
      double ratio = diff / Math.max(read, copy);
      out.printf(
          Locale.ROOT,
          "%-20s %10.1f %10.1f %10.1f %12.2f%n",
          scenario,
          total / read / 1e9,
          total / copy / 1e9,
          total / diff / 1e9,
          ratio);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("scenario", scenario.name());
      row.put("bytes", total);
      row.put("readSeconds", reads);
      row.put("copySeconds", copies);
      row.put("diffSeconds", diffs);
      row.put("bestDiffOverSlowerOfBestReadAndBestCopy", ratio);
      rows.add(row);
    }
    return rows;
  }

  /** What a thread does with memory of its own, until nothing is left. */
  @FunctionalInterface
  private interface Lane<M> {
    void run(WorkQueue<M> queue, MemorySegment host, M device) throws Exception;
  }

  /** Seconds that the lanes of all threads take; their memory is made before. */
  private double together(Lane<M> lane) throws Exception {
    List<WorkQueue<M>> open = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<MemorySegment> hosts = new ArrayList<>();
      List<M> devices = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        WorkQueue<M> queue = queues.queue();
        open.add(queue);
        hosts.add(queue.hostMemory(PIECES_OF_A_THREAD * PIECE));
        devices.add(queue.deviceMemory(PIECES_OF_A_THREAD * PIECE));
      }
      return Seconds.of(() -> {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          int number = i;
          running.add(
              threads.submit(() -> {
                lane.run(open.get(number), hosts.get(number), devices.get(number));
                return null;
              }));
        }
        for (Future<?> each : running) {
          each.get();
        }
      });
    } finally {
      open.forEach(WorkQueue::close);
    }
  }

  /** Reads all files with positioned reads into pinned memory, as the comparison does. */
  private double read(List<Path> files) throws Exception {
    double seconds = 0;
    for (Path file : files) {
      AtomicLong next = new AtomicLong();
      try (ByteSource source = FileByteSource.open(file)) {
        seconds +=
            together((queue, host, device) -> {
              long at;
              while ((at = next.getAndAdd(PIECE)) < source.size()) {
                source.read(at, host.asSlice(0, Math.min(PIECE, source.size() - at)));
              }
            });
      }
    }
    return seconds;
  }

  /** Copies {@code total} bytes to the device. */
  private double copy(long total) throws Exception {
    AtomicLong next = new AtomicLong();
    long both = PIECES_OF_A_THREAD * PIECE;
    return together((queue, host, device) -> {
      while (next.getAndAdd(both) < total) {
        for (long at = 0; at < both; at += PIECE) {
          queue.upload(host.asSlice(at, PIECE), queue.slice(device, at, PIECE));
        }
        queue.await();
      }
    });
  }

  private void diff(Path a, Path b) throws IOException {
    DiffOptions options =
        new DiffOptions(
            List.of(),
            10,
            THREADS,
            4L << 30,
            null,
            null,
            new DiffDevice<>(id, queues),
            List.of(),
            "benchmark");
    try (Operand left = Operand.open(a.toString(), Limits.DEFAULT);
        Operand right = Operand.open(b.toString(), Limits.DEFAULT)) {
      CheckpointDiff.run(left, right, options, Limits.DEFAULT, Progress.NONE);
    }
  }
}
