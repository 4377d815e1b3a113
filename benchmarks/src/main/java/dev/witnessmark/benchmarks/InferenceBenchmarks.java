package dev.witnessmark.benchmarks;

import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.Matrix;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long a token takes when decoding, in all modes of the device; what its operations take each
 * by itself; and, on a CPU, how much longer it takes when all stages are looked at. All are
 * measured in turn in one process on random weights that are larger than the caches; ratios are of
 * medians.
 */
public final class InferenceBenchmarks {

  /** Four layers and a small vocabulary: what a CPU gets through. */
  private static final RandomModel PART = new RandomModel(4, 4096, 32, 8, 11008, 8192);

  /** Seven billion parameters. */
  private static final RandomModel WHOLE = new RandomModel(32, 4096, 32, 32, 11008, 32_000);

  private static final int PROMPT = 32;
  private static final long COPIED = 256L << 20;

  private InferenceBenchmarks() {}

  /**
   * Measures.
   *
   * @param arguments the results file to write, rounds, and a device if not the CPU
   */
  public static void main(String[] arguments) throws Exception {
    Path results = Path.of(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    String name = arguments.length > 2 ? arguments[2] : "cpu";
    RandomModel shape = name.startsWith("cuda") ? WHOLE : PART;
    Path file = Files.createTempFile("wmark-benchmark", ".gguf");
    try {
      shape.write(file);
      try (Checkpoint checkpoint = CheckpointReader.open(file, Limits.DEFAULT);
          OpenDevice<?> device = OpenDevice.open(name, Path.of("emulated"))) {
        Map<String, Object> document = measure(Model.of(checkpoint), shape, device, rounds);
        document.forEach((key, value) -> {
          if (!(value instanceof List<?>)) {
            System.out.println(key + ": " + value);
          }
        });
        try (OutputStream out = Files.newOutputStream(results)) {
          JsonMapper.builder()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValue(out, document);
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  private static <M> Map<String, Object> measure(
      Model model, RandomModel shape, OpenDevice<M> opened, int rounds) throws IOException {
    Device<M> device = opened.device();
    List<LaunchMode> modes =
        opened.kind().equals("cpu")
            ? List.of(LaunchMode.EAGER)
            : List.of(LaunchMode.EAGER, LaunchMode.GRAPH);
    Map<LaunchMode, List<Double>> tokens = new EnumMap<>(LaunchMode.class);
    List<Double> watched = new ArrayList<>();
    Map<String, Double> operations = new TreeMap<>();
    PassOptions options =
        new PassOptions(
            PathPlan.all(MatrixPath.Q8), PROMPT, PROMPT + 1, Element.FLOAT32, 64L << 30);
    try (ForwardPass<M> pass = ForwardPass.open(model, device, options)) {
      pass.run(new int[PROMPT], StageSink.none());
      for (int round = 0; round < rounds; round++) {
        for (LaunchMode mode : modes) {
          pass.launch(mode);
          tokens.computeIfAbsent(mode, _ -> new ArrayList<>()).add(token(pass, StageSink.none()));
        }
        pass.launch(LaunchMode.EAGER);
        if (opened.kind().equals("cpu")) {
          watched.add(token(pass, new Copies<>()));
        }
      }
      pass.runWith((key, operation, operands) ->
          operations.merge(
              operation.family().id(),
              device.nanoseconds(() -> device.run(operation, operands)) / 1e6,
              Double::sum));
      token(pass, StageSink.none());
    }
    long bytes = model.weights().products().mapToLong(Matrix::bytes).sum();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("device", opened.product());
    document.put("java", Runtime.version().toString());
    document.put("shape", shape.toString());
    document.put("weightBytes", bytes);
    operations.forEach((family, sum) -> document.put("milliseconds of " + family, sum));
    double copyRate = copyRate(device);
    document.put("copyBytesPerSecond", copyRate);
    for (LaunchMode mode : modes) {
      List<Double> times = Objects.requireNonNull(tokens.get(mode));
      String id = mode.name().toLowerCase(Locale.ROOT);
      document.put(id + "Milliseconds", times);
      document.put(id + "Median", median(times));
      document.put(id + "ShareOfCopyRate", bytes / copyRate * 1e3 / median(times));
    }
    if (!watched.isEmpty()) {
      List<Double> bare = Objects.requireNonNull(tokens.get(LaunchMode.EAGER));
      document.put("watchedMilliseconds", watched);
      document.put("productsShare", operations.getOrDefault("matvec_q8", 0.0) / median(bare));
      document.put("captureRatio", median(watched) / median(bare));
    }
    return document;
  }

  /** Bytes read and written per second by a copy inside the device. */
  private static <M> double copyRate(Device<M> device) {
    try (Pool<M> pool = device.pool()) {
      M from = pool.allocate(COPIED);
      M to = pool.allocate(COPIED);
      List<Double> times = new ArrayList<>();
      for (int i = 0; i < 15; i++) {
        times.add(
            device.nanoseconds(() -> {
              for (int k = 0; k < 8; k++) {
                device.copy(from, to);
              }
            })
                / 8);
      }
      return 2 * COPIED / median(times) * 1e9;
    }
  }

  private static <M> double token(ForwardPass<M> pass, StageSink<M> sink) throws IOException {
    pass.rewind(PROMPT);
    long start = System.nanoTime();
    pass.run(new int[] {1}, sink);
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  /** Copies every stage to the heap, as a capture does before it writes. */
  private static final class Copies<M> implements StageSink<M> {
    @Override
    public boolean wants(StageKey key) {
      return true;
    }

    @Override
    public void take(StageTensor<M> tensor) {
      if (tensor.floats().length == 0) {
        throw new IllegalStateException(String.format(Locale.ROOT, "%s is empty", tensor.key()));
      }
    }
  }
}
