package dev.witnessmark.inference;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Stage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes single stages from given inputs, all positions of a sequence at once: what a stage does by
 * itself, whatever came before it. Weights are read layer by layer.
 *
 * @param <M> memory of the device
 */
public final class IsolatedStages<M> implements AutoCloseable {

  private final Program program;
  private final Call call;
  private final int[] tokens;
  private final WeightStore<M> weights;
  private final KvCache<M> cache;
  private final StageMaker<M> maker;

  private IsolatedStages(
      Program program,
      Call call,
      int[] tokens,
      WeightStore<M> weights,
      KvCache<M> cache,
      StageMaker<M> maker) {
    this.program = program;
    this.call = call;
    this.tokens = tokens;
    this.weights = weights;
    this.cache = cache;
    this.maker = maker;
  }

  /**
   * Prepares for a sequence.
   *
   * @param paths the path of each matrix
   * @param tokens all token ids
   * @param kept how keys and values are kept
   */
  public static <M> IsolatedStages<M> open(
      Model model, Device<M> device, PathPlan paths, int[] tokens, Element kept)
      throws IOException {
    Program program = new Program(model, paths);
    Call call = new Call(tokens.length, 0, kept);
    WeightStore<M> weights = new WeightStore<>(model.weights(), device, 0);
    try {
      weights.load();
      KvCache<M> cache = new KvCache<>(model.hyperparameters(), 1, tokens.length, kept, device);
      StageMaker<M> maker = new StageMaker<>(model, program, device, weights, cache);
      return new IsolatedStages<>(program, call, tokens.clone(), weights, cache, maker);
    } catch (IOException | RuntimeException failure) {
      weights.close();
      throw failure;
    }
  }

  /** All positions, as one call. */
  public Call call() {
    return call;
  }

  /** The steps that make {@code stage}. */
  public StageSteps steps(Stage stage, int layer) {
    List<StageSteps> stages =
        layer == StageTensor.NO_LAYER ? program.end(call) : program.layer(layer, call);
    return stages.stream()
        .filter(steps -> steps.stage() == stage)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("layer %d has no %s".formatted(layer, stage.id())));
  }

  /**
   * The stages that {@code stage} is made of, all of the same layer but for the input of the layer
   * itself, which is {@link Stage#EMBEDDING} or the {@link Stage#POST_FFN_RESIDUAL} of the layer
   * before; empty for the embedding.
   */
  public Set<Stage> inputs(Stage stage, int layer) {
    Set<Stage> inputs = EnumSet.noneOf(Stage.class);
    steps(stage, layer).inputs().forEach(input -> inputs.add(input.stage()));
    return inputs;
  }

  /** The layer that an input of a stage of {@code layer} belongs to. */
  public int layerOfInput(Stage input, int layer, int lastLayer) {
    if (input != Stage.POST_FFN_RESIDUAL) {
      return layer;
    }
    return layer == StageTensor.NO_LAYER ? lastLayer : layer - 1;
  }

  /**
   * Makes one stage.
   *
   * @param inputs for each of {@link #inputs} its rows as float32
   * @return what it made, to be looked at before the next one is
   * @throws Refusal if a weight cannot be read
   */
  public StageTensor<M> make(Stage stage, int layer, Map<Stage, MemorySegment> inputs)
      throws IOException {
    if (layer != StageTensor.NO_LAYER) {
      weights.require(layer);
    }
    maker.begin(tokens, call);
    maker.beginLayer();
    for (Map.Entry<Stage, MemorySegment> input : inputs.entrySet()) {
      maker.put(input.getKey(), layer, call, input.getValue());
    }
    maker.make(steps(stage, layer), layer, call);
    return maker.tensor(stage, layer, call);
  }

  /** Every stage of the pass with its layer, in order; those that are only looked at included. */
  public List<Place> places(int layers) {
    List<Place> places = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      add(places, layer, program.layer(layer, call));
    }
    add(places, StageTensor.NO_LAYER, program.end(call));
    return places;
  }

  private static void add(List<Place> places, int layer, Collection<StageSteps> stages) {
    stages.forEach(steps -> places.add(new Place(steps.stage(), layer)));
  }

  /**
   * Where a stage is in the pass.
   *
   * @param stage which
   * @param layer in which layer; {@link StageTensor#NO_LAYER} for a stage of the whole model
   */
  public record Place(Stage stage, int layer) {}

  @Override
  public void close() {
    maker.close();
    cache.close();
    weights.close();
  }
}
