package dev.witnessmark.falsify.model;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.inference.Call;
import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.Graft;
import dev.witnessmark.inference.Matrix;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.Program;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageSteps;
import dev.witnessmark.inference.Step;
import dev.witnessmark.inference.Value;
import dev.witnessmark.inference.Weights;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The questions of 008 and 009, asked of a real model: for every matrix how far the paths are apart
 * and what rounding explains, and how the difference goes through the layers.
 *
 * @param <M> memory of the device
 */
public final class ModelExperiment<M> {

  private static final int PASSES = 5;
  private static final List<String> EXPERT_PARTS = List.of("gate", "up", "down");

  private final Model model;
  private final Device<M> device;
  private final int[] tokens;
  private final Program program;
  private final ProductNoise<M> noise;
  private final Map<String, NoiseSums> sums = new LinkedHashMap<>();

  private final Map<StageKey, List<String>> names = new HashMap<>();

  /** Products seen so far of each stage. */
  private final Map<StageKey, Integer> seen = new HashMap<>();

  private ModelExperiment(Model model, Device<M> device, int[] tokens, PassOptions options) {
    this.model = model;
    this.device = device;
    this.tokens = tokens.clone();
    this.program = new Program(model, options.paths());
    this.noise = new ProductNoise<>(device);
  }

  /**
   * Runs the prompt five times.
   *
   * @param tokens the prompt
   * @param options how the model is run, with all products on path {@code f32}
   * @throws CouldNotCompare if no matrix has an integer product
   * @throws IOException if weights cannot be read
   */
  public static <M> ModelResult run(
      Model model,
      Device<M> device,
      int[] tokens,
      PassOptions options,
      RunRecord run,
      Progress progress)
      throws IOException {
    List<TensorType> types = multiplied(model.weights()).map(Matrix::type).distinct().toList();
    if (types.stream().noneMatch(MatVecQ8.TYPES::contains)) {
      throw new CouldNotCompare(
          "%s: there is no second path; no type of its matrices has an integer product: %s"
              .formatted(
                  model.checkpoint().path(),
                  types.stream().map(TensorType::name).collect(Collectors.joining(", "))));
    }
    try (ForwardPass<M> pass = ForwardPass.open(model, device, options)) {
      return new ModelExperiment<>(model, device, tokens, options).passes(pass, run, progress);
    }
  }

  /** The matrices that take part in products: all but an embedding that is not the head as well. */
  private static Stream<Matrix> multiplied(Weights weights) {
    boolean tied = weights.head().matrix().equals(weights.embedding());
    return weights
        .all()
        .filter(matrix -> matrix.rows() > 1 && (tied || !matrix.equals(weights.embedding())));
  }

  private ModelResult passes(ForwardPass<M> pass, RunRecord run, Progress progress)
      throws IOException {
    progress.begin("passes", PASSES);
    int hidden = model.hyperparameters().hidden();
    LayerOutputs precise = pass(pass, new TwoPathRunner<>(device, hidden, key -> false, this::see));
    progress.advance(1);
    LayerOutputs whole = pass(pass, new TwoPathRunner<>(device, hidden, key -> true));
    progress.advance(1);
    LayerOutputs fromFirst =
        pass(pass, new TwoPathRunner<>(device, hidden, key -> key.layer() == 0));
    progress.advance(1);
    // Whatever a layer makes is kept before something is put in its place for the next.
    pass.graft(after(precise::of));
    LayerOutputs own = pass(pass, new TwoPathRunner<>(device, hidden, key -> true));
    progress.advance(1);
    TwoPathRunner<M> compounding = new TwoPathRunner<>(device, hidden, key -> true);
    pass.graft(after((layer, call) -> precise.twiceAsFar(compounding.outputs(), layer, call)));
    LayerOutputs doubled = pass(pass, compounding);
    progress.advance(1);
    return new ModelResult(
        model.checkpoint().path().toString(),
        model.hyperparameters().architecture(),
        IntStream.of(tokens).boxed().toList(),
        sums.entrySet().stream().map(entry -> entry.getValue().of(entry.getKey())).toList(),
        (int)
            multiplied(model.weights())
                .filter(matrix -> !MatVecQ8.TYPES.contains(matrix.type()))
                .count(),
        IntStream.range(0, model.hyperparameters().layers())
            .mapToObj(layer ->
                new LayerDifference(
                    layer,
                    precise.distance(own, layer),
                    precise.distance(whole, layer),
                    precise.distance(fromFirst, layer),
                    precise.distance(doubled, layer)))
            .toList(),
        device.name(),
        Numerics.VERSION,
        run);
  }

  /** What stands after a layer for the positions of a call. */
  private interface Rows {
    float[] of(int layer, Call call);
  }

  private static Graft after(Rows rows) {
    return (key, call) ->
        key.stage() == Stage.POST_FFN_RESIDUAL
            ? Optional.of(MemorySegment.ofArray(rows.of(key.layer(), call)))
            : Optional.empty();
  }

  private LayerOutputs pass(ForwardPass<M> pass, TwoPathRunner<M> runner) throws IOException {
    pass.rewind(0);
    pass.runWith(runner);
    pass.run(tokens, StageSink.none());
    return runner.outputs();
  }

  private void see(StageKey key, MatVecF32 product, M weights, M activations, M results) {
    noise.add(
        product,
        weights,
        activations,
        results,
        sums.computeIfAbsent(name(key), name -> new NoiseSums(product.type())));
  }

  /** The matrix of the next product of a stage; a call runs each of them once, experts aside. */
  private String name(StageKey key) {
    int index = seen.merge(key, 1, Integer::sum) - 1;
    if (key.stage() == Stage.MOE_FFN_OUT) {
      return "layer-%d experts %s".formatted(key.layer(), EXPERT_PARTS.get(index % 3));
    }
    List<String> matrices = names.computeIfAbsent(key, this::names);
    return matrices.get(index % matrices.size());
  }

  /** The matrices of a stage that have an integer product, in the order of their use. */
  private List<String> names(StageKey key) {
    // Which they are does not depend on the size of the call.
    Call call = new Call(1, 0, Element.FLOAT32);
    List<StageSteps> stages =
        key.layer() == StageKey.NO_LAYER ? program.end(call) : program.layer(key.layer(), call);
    List<String> matrices = new ArrayList<>();
    for (StageSteps stage : stages) {
      if (stage.stage() == key.stage()) {
        for (Step step : stage.steps()) {
          if (step instanceof Step.Run(MatVecF32 product, List<Value> operands)
              && MatVecQ8.TYPES.contains(product.type())
              && operands.getFirst() instanceof Value.Stored(Matrix matrix)) {
            matrices.add(matrix.name());
          }
        }
      }
    }
    return matrices;
  }
}
