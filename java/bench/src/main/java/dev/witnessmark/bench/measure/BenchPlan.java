package dev.witnessmark.bench.measure;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.RoundingBounds;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.ToFloat16;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What is worth measuring, with the sizes of a model.
 *
 * @param matrices rows and columns of weight matrices
 * @param output extents of the matrix that makes the logits, the largest of a model
 * @param batches numbers of activation vectors
 * @param prompts numbers of activation vectors of prompts, for the first of {@code matrices}: with
 *     path {@code f32} in fast arithmetic only, which is what many vectors are for
 * @param cached positions in the KV cache
 * @param heads query heads; a quarter of them are key/value heads
 */
public record BenchPlan(
    List<Matrix> matrices,
    Matrix output,
    List<Integer> batches,
    List<Integer> prompts,
    int cached,
    int heads) {

  private static final int HEAD_SIZE = 128;
  private static final int HEADS_PER_KEY_VALUE_HEAD = 4;
  private static final int KEPT = 40;
  private static final int EXPERTS_USED = 8;

  private static final List<TensorType> TYPES =
      List.of(TensorType.Q4_K, TensorType.Q5_K, TensorType.Q6_K, TensorType.Q8_0, TensorType.Q4_0);

  /**
   * An operation, and the arithmetics in which it is worth measuring.
   *
   * @param arithmetics some of all
   */
  private record Measured(Operation operation, Set<Arithmetic> arithmetics) {}

  /** Extents of a weight matrix, columns a multiple of 256. */
  public record Matrix(int rows, int columns) {}

  public BenchPlan {
    matrices = List.copyOf(matrices);
    batches = List.copyOf(batches);
    prompts = List.copyOf(prompts);
  }

  /** A model of eight billion parameters. */
  public static BenchPlan large() {
    return new BenchPlan(
        List.of(new Matrix(14_336, 4_096), new Matrix(4_096, 14_336)),
        new Matrix(128_256, 4_096),
        List.of(1, 2, 4, 8),
        List.of(512, 2048),
        32_768,
        32);
  }

  /** A model of a few hundred million parameters: what one processor gets through in a minute. */
  public static BenchPlan medium() {
    return new BenchPlan(
        List.of(new Matrix(4_096, 2_048)),
        new Matrix(32_000, 2_048),
        List.of(1, 4),
        List.of(),
        2_048,
        16);
  }

  /** Sizes that an emulated device gets through. */
  public static BenchPlan small() {
    return new BenchPlan(
        List.of(new Matrix(64, 512)), new Matrix(128, 512), List.of(1, 2), List.of(16), 64, 4);
  }

  /** Every operation of the plan. */
  private Stream<Measured> measured() {
    return Stream.concat(
        operations().map(operation -> new Measured(operation, EnumSet.allOf(Arithmetic.class))),
        products());
  }

  /** Products of prompts: fast ones, and the fewest vectors of a prompt on path q8 beside them. */
  private Stream<Measured> products() {
    Matrix matrix = matrices.getFirst();
    Stream<Measured> fast =
        prompts.stream()
            .flatMap(batch ->
                Stream.of(TensorType.Q4_K, TensorType.F16)
                    .map(type -> new MatVecF32(type, matrix.rows(), matrix.columns(), batch)))
            .map(product -> new Measured(product, EnumSet.of(Arithmetic.FAST)));
    Stream<Measured> canonical =
        prompts.stream()
            .limit(1)
            .map(batch -> new MatVecQ8(TensorType.Q4_K, matrix.rows(), matrix.columns(), batch))
            .map(product -> new Measured(product, EnumSet.of(Arithmetic.CANONICAL)));
    return Stream.concat(fast, canonical);
  }

  /** What is measured in every arithmetic that a device has for it. */
  private Stream<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    for (Matrix matrix : matrices) {
      long elements = (long) matrix.rows() * matrix.columns();
      for (TensorType type : TYPES) {
        for (int batch : batches) {
          operations.add(new MatVecQ8(type, matrix.rows(), matrix.columns(), batch));
        }
        operations.add(new MatVecF32(type, matrix.rows(), matrix.columns(), 1));
        operations.add(new Dequantise(type, elements));
      }
      for (int batch : batches) {
        operations.add(new MatVecF32(TensorType.F16, matrix.rows(), matrix.columns(), batch));
      }
      operations.add(new MatVecF32(TensorType.F32, matrix.rows(), matrix.columns(), 1));
      operations.add(new Compare(matrix.rows(), matrix.columns()));
      operations.add(new RoundingBounds(TensorType.Q4_K, elements));
      operations.add(new Judge(matrix.rows(), matrix.columns()));
      operations.add(new Base17(TensorType.F32, matrix.rows(), matrix.columns(), 1));
      operations.add(new Base17(TensorType.BF16, matrix.rows(), matrix.columns(), 1));
    }
    for (TensorType type : TYPES) {
      operations.add(new MatVecQ8(type, output.rows(), output.columns(), 1));
    }
    int keyValueHeads = Math.max(1, heads / HEADS_PER_KEY_VALUE_HEAD);
    int width = heads * HEAD_SIZE;
    for (Element cache : List.of(Element.FLOAT32, Element.FLOAT16)) {
      operations.add(new Attention(1, heads, keyValueHeads, HEAD_SIZE, cached, cache));
      operations.add(new AttentionScores(1, heads, keyValueHeads, HEAD_SIZE, cached, cache));
    }
    operations.add(new QuantiseActivations(TensorType.Q8_K, 1, width));
    operations.add(new QuantiseActivations(TensorType.Q8_0, 1, width));
    operations.add(new RmsNorm(1, width, 1e-5f));
    operations.add(new Rotary(Rotary.Layout.NEOX, 1, heads, HEAD_SIZE, HEAD_SIZE));
    operations.add(new Softmax(heads, cached));
    operations.add(new CausalSoftmax(heads, 1, cached));
    operations.add(new Silu(4L * width));
    operations.add(new GatedSilu(4L * width));
    operations.add(new Add(width));
    operations.add(new AddBias(1, width));
    operations.add(new WeightedSum(1, EXPERTS_USED, width));
    operations.add(new CrushedBlocks(1, width, 256));
    operations.add(new Summarise(4L * width));
    operations.add(new ToFloat16(width));
    operations.add(new Gather(TensorType.Q4_K, 1024, width, 1));
    operations.add(new ArgMax(1, output.rows()));
    operations.add(new TopK(1, output.rows(), KEPT));
    // Of two matrices with as many elements some are the same.
    return operations.stream().distinct();
  }

  /**
   * The lines of a benchmark.
   *
   * @param wanted which operations
   * @param runs whether the device has a kernel
   */
  public List<Workload> workloads(
      Predicate<Operation> wanted, Runs runs, Set<Arithmetic> arithmetics, Set<CacheState> caches) {
    return measured()
        .filter(measured -> wanted.test(measured.operation()))
        .flatMap(measured ->
            measured.arithmetics().stream()
                .filter(arithmetics::contains)
                .filter(arithmetic -> runs.supports(measured.operation(), arithmetic))
                .flatMap(arithmetic ->
                    caches.stream()
                        .map(cache -> new Workload(measured.operation(), arithmetic, cache))))
        .toList();
  }

  /** Whether there is a kernel. */
  @FunctionalInterface
  public interface Runs {
    boolean supports(Operation operation, Arithmetic arithmetic);
  }
}
