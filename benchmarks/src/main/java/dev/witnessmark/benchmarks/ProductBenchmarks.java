package dev.witnessmark.benchmarks;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.host.Processor;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fused products beside C on AVX-512 VNNI, canonical, fast and C in turn in one process, on
 * matrices in the second-level cache and in memory. The ratio is that of the best rounds, since the
 * machine's neighbours only ever slow things down.
 */
public final class ProductBenchmarks {

  private static final int COLUMNS = 4096;

  /** Bytes of the matrices: one that stays in the cache, one that does not. */
  private static final List<Long> SIZES = List.of(600L << 10, 530L << 20);

  /** Functions of the library by the type of the weights. */
  private static final Map<TensorType, String> FUNCTIONS =
      Map.of(TensorType.Q4_K, "q4_k", TensorType.Q6_K, "q6_k", TensorType.Q8_0, "q8_0");

  private ProductBenchmarks() {}

  /** What is done once a round. */
  private interface Work {
    void run() throws Throwable;
  }

  /**
   * @param arguments the results file to write, the library, seconds for each matrix
   */
  @SuppressWarnings("restricted") // calling C is what this is for
  public static void main(String[] arguments) throws Throwable {
    Path file = Path.of(arguments[0]);
    SymbolLookup library = SymbolLookup.libraryLookup(Path.of(arguments[1]), Arena.global());
    long nanoseconds = TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[2]));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.printf(
        "%-20s %10s %16s %12s%n", "one thread, GB/s", "C VNNI", "canonical (×C)", "fast (×C)");
    List<Object> rows = new ArrayList<>();
    for (TensorType type : List.of(TensorType.Q4_K, TensorType.Q6_K, TensorType.Q8_0)) {
      for (long bytes : SIZES) {
        rows.add(measure(type, bytes, function(library, type), nanoseconds, out));
      }
    }
    write(file, rows);
  }

  @SuppressWarnings("restricted") // calling C is what this is for
  private static MethodHandle function(SymbolLookup library, TensorType type) {
    AddressLayout address = ValueLayout.ADDRESS;
    ValueLayout.OfLong size = ValueLayout.JAVA_LONG;
    return Linker.nativeLinker()
        .downcallHandle(
            library.findOrThrow(FUNCTIONS.getOrDefault(type, type.name())),
            FunctionDescriptor.ofVoid(address, address, address, size, size));
  }

  private static Map<String, Object> measure(
      TensorType type, long bytes, MethodHandle function, long nanoseconds, PrintStream out)
      throws Throwable {
    int rows = (int) (bytes / type.bytes(COLUMNS));
    MatVecQ8 product = new MatVecQ8(type, rows, COLUMNS, 1);
    long blocks = COLUMNS / type.blockElements();
    int times = (int) Math.max(1, (1 << 21) / bytes);
    try (Arena arena = Arena.ofShared();
        HostDevice device = HostDevice.best()) {
      MemorySegment weights = Weights.of(type, Math.multiplyExact(rows, COLUMNS), 1);
      MemorySegment activations = arena.allocate(product.activationType().bytes(COLUMNS), 64);
      device.run(
          new QuantiseActivations(product.activationType(), 1, COLUMNS),
          List.of(Weights.of(TensorType.F32, COLUMNS, 2), activations));
      MemorySegment results = arena.allocate(4L * rows, 64);
      List<MemorySegment> operands = List.of(weights, activations, results);
      List<Work> works =
          List.of(
              () -> {
                function.invokeExact(weights, activations, results, (long) rows, blocks);
              },
              () -> device.run(product, Arithmetic.CANONICAL, operands),
              () -> device.run(product, Arithmetic.FAST, operands));
      double[] best = best(works, times, nanoseconds);
      String name = "%s %d MB".formatted(type, Math.max(1, bytes >> 20));
      double total = (double) weights.byteSize();
      out.printf(
          Locale.ROOT,
          "%-20s %10.1f %8.1f (%.2f) %8.1f (%.2f)%n",
          name,
          total / best[0],
          total / best[1],
          best[0] / best[1],
          total / best[2],
          best[0] / best[2]);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("type", type.name());
      row.put("rows", rows);
      row.put("columns", COLUMNS);
      row.put("bytes", weights.byteSize());
      row.put("bestNanosecondsC", best[0]);
      row.put("bestNanosecondsCanonical", best[1]);
      row.put("bestNanosecondsFast", best[2]);
      row.put("canonicalOfC", best[0] / best[1]);
      row.put("fastOfC", best[0] / best[2]);
      return row;
    }
  }

  /** Nanoseconds of the best round of each. */
  private static double[] best(List<Work> works, int times, long nanoseconds) throws Throwable {
    double[] best = new double[works.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    long end = System.nanoTime() + nanoseconds;
    while (System.nanoTime() < end) {
      for (int i = 0; i < best.length; i++) {
        long began = System.nanoTime();
        for (int time = 0; time < times; time++) {
          works.get(i).run();
        }
        best[i] = Math.min(best[i], (double) (System.nanoTime() - began) / times);
      }
    }
    return best;
  }

  private static void write(Path file, List<Object> rows) throws IOException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("schema", "witnessmark-product-benchmarks-v1");
    document.put("processor", Processor.name());
    document.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
    document.put("vectors", VectorWidth.reason());
    document.put("threads", 1);
    document.put("results", rows);
    Files.writeString(
        file,
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(document)
            + "\n");
  }
}
