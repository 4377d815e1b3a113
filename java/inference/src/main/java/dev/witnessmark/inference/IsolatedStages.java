package dev.witnessmark.inference;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Makes single stages from given inputs, all positions of a sequence at once: what a stage does by
 * itself, whatever came before it. Weights are read layer by layer.
 *
 * @param <M> memory of the device
 */
public final class IsolatedStages<M> implements AutoCloseable {

  private final Program program;
  private final int layers;
  private final WeightStore<M> weights;
  private final KvCache<M> cache;
  private final StageMaker<M> maker;
  private final int longest;
  private Call call;
  private int[] tokens;

  private IsolatedStages(
      Program program,
      int layers,
      Call call,
      int[] tokens,
      WeightStore<M> weights,
      KvCache<M> cache,
      StageMaker<M> maker) {
    this.program = program;
    this.layers = layers;
    this.longest = tokens.length;
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
      return new IsolatedStages<>(
          program, model.hyperparameters().layers(), call, tokens.clone(), weights, cache, maker);
    } catch (IOException | RuntimeException failure) {
      weights.close();
      throw failure;
    }
  }

  /** All positions, as one call. */
  public Call call() {
    return call;
  }

  /**
   * From now on stages are of other tokens.
   *
   * @param others from the first position on
   * @throws IllegalArgumentException if they are more than this was opened for
   */
  public void turnTo(int[] others) {
    if (others.length > longest) {
      throw new IllegalArgumentException(
          "%d tokens, opened for %d".formatted(others.length, longest));
    }
    tokens = others.clone();
    call = new Call(tokens.length, 0, call.cache());
  }

  /** From now on operations are run by {@code runner}. */
  public void runWith(StepRunner<M> runner) {
    maker.runWith(runner);
  }

  /** The steps that make a stage. */
  public StageSteps steps(StageKey key) {
    return stagesOf(key.layer()).stream()
        .filter(steps -> steps.stage() == key.stage())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the model has no " + key));
  }

  private List<StageSteps> stagesOf(int layer) {
    return layer == StageKey.NO_LAYER ? program.end(call) : program.layer(layer, call);
  }

  /** The stages that a stage is made of; none for the embedding, which is made of tokens. */
  public SortedSet<StageKey> inputs(StageKey key) {
    SortedSet<StageKey> inputs = new TreeSet<>();
    steps(key).inputs().forEach(input -> inputs.add(inputOf(key, input.stage())));
    return inputs;
  }

  /** What a layer takes from the one before is that one's output. */
  private StageKey inputOf(StageKey key, Stage input) {
    if (input != Stage.POST_FFN_RESIDUAL) {
      return StageKey.of(input, key.layer());
    }
    return StageKey.of(input, key.layer() == StageKey.NO_LAYER ? layers - 1 : key.layer() - 1);
  }

  /**
   * Makes one stage.
   *
   * @param inputs for each of {@link #inputs} its rows as float32
   * @return what it made, to be looked at before the next one is
   * @throws Refusal if a weight cannot be read
   */
  public StageTensor<M> make(StageKey key, Map<StageKey, MemorySegment> inputs) throws IOException {
    if (key.layer() != StageKey.NO_LAYER) {
      weights.require(key.layer());
    }
    maker.begin(tokens, call);
    maker.beginLayer();
    for (Map.Entry<StageKey, MemorySegment> input : inputs.entrySet()) {
      maker.put(input.getKey(), call, input.getValue());
    }
    maker.make(steps(key), key.layer(), call);
    return maker.tensor(key, call);
  }

  /** Where a stage is: what was given for it, or what was made. */
  public StageTensor<M> tensor(StageKey key) {
    return maker.tensor(key, call);
  }

  /** Every stage of the pass, in order; those that are only looked at included. */
  public SortedSet<StageKey> stages() {
    SortedSet<StageKey> stages = new TreeSet<>();
    for (int layer = StageKey.NO_LAYER; layer < layers; layer++) {
      for (StageSteps steps : stagesOf(layer)) {
        stages.add(StageKey.of(steps.stage(), layer));
      }
    }
    return stages;
  }

  @Override
  public void close() {
    maker.close();
    cache.close();
    weights.close();
  }
}
