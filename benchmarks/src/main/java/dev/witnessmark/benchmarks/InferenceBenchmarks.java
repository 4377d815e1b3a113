package dev.witnessmark.benchmarks;

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
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.host.Processor;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long a token takes when decoding, as a multiple of what its products alone take, and with all
 * stages looked at, as a multiple of without. All are measured in turn in one process, one thread,
 * on random weights that are larger than the caches; ratios are of medians.
 */
public final class InferenceBenchmarks {

  private static final RandomModel SHAPE = new RandomModel(4, 4096, 32, 8, 11008, 8192);
  private static final int PROMPT = 32;

  private InferenceBenchmarks() {}

  /**
   * Measures.
   *
   * @param arguments the results file to write, rounds
   */
  public static void main(String[] arguments) throws Exception {
    Path results = Path.of(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    Path file = Files.createTempFile("wmark-benchmark", ".gguf");
    try {
      SHAPE.write(file);
      try (Checkpoint checkpoint = CheckpointReader.open(file, Limits.DEFAULT)) {
        Map<String, Object> document = measure(Model.of(checkpoint), rounds);
        System.out.println(document);
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

  private static Map<String, Object> measure(Model model, int rounds) throws IOException {
    List<Double> tokens = new ArrayList<>();
    List<Double> watched = new ArrayList<>();
    List<Double> products = new ArrayList<>();
    PassOptions options =
        new PassOptions(
            PathPlan.all(MatrixPath.Q8),
            PROMPT,
            PROMPT + 1,
            Element.FLOAT32,
            4L << 30,
            LaunchMode.EAGER);
    Products alone = new Products();
    try (HostDevice device = HostDevice.best();
        ForwardPass<MemorySegment> pass = ForwardPass.open(model, device, options)) {
      pass.runWith((key, operation, operands) -> alone.run(device, operation, operands));
      pass.run(new int[PROMPT], StageSink.none());
      for (int round = 0; round < rounds; round++) {
        tokens.add(token(pass, StageSink.none()));
        watched.add(token(pass, new Copies()));
        alone.nanoseconds = 0;
        alone.measures = true;
        token(pass, StageSink.none());
        alone.measures = false;
        products.add(alone.nanoseconds / 1e6);
      }
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("processor", Processor.name());
    document.put("java", Runtime.version().toString());
    document.put("shape", SHAPE.toString());
    document.put("weightBytes", model.weights().products().mapToLong(Matrix::bytes).sum());
    document.put("tokenMilliseconds", tokens);
    document.put("watchedMilliseconds", watched);
    document.put("productsMilliseconds", products);
    document.put("decodeShare", median(products) / median(tokens));
    document.put("captureRatio", median(watched) / median(tokens));
    return document;
  }

  private static double token(ForwardPass<MemorySegment> pass, StageSink<MemorySegment> sink)
      throws IOException {
    pass.rewind(PROMPT);
    long start = System.nanoTime();
    pass.run(new int[] {1}, sink);
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  /** Adds up the time that products take. */
  private static final class Products {
    private boolean measures;
    private double nanoseconds;

    void run(HostDevice device, Operation operation, List<MemorySegment> operands) {
      if (measures && operation instanceof MatVecQ8) {
        nanoseconds += device.nanoseconds(() -> device.run(operation, operands));
      } else {
        device.run(operation, operands);
      }
    }
  }

  /** Copies every stage to the heap, as a capture does before it writes. */
  private static final class Copies implements StageSink<MemorySegment> {
    @Override
    public boolean wants(StageKey key) {
      return true;
    }

    @Override
    public void take(StageTensor<MemorySegment> tensor) {
      if (tensor.floats().length == 0) {
        throw new IllegalStateException(String.format(Locale.ROOT, "%s is empty", tensor.key()));
      }
    }
  }
}
