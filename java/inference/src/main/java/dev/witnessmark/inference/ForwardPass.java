package dev.witnessmark.inference;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Replay;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model that runs on a device: token ids in, logits and stages out. Activations stay on the
 * device. It belongs to one thread.
 *
 * <p>Positions are computed in batches, and one by one, with the same bits: every row of every
 * stage depends on its own position and those before it alone, in an order that the size of the
 * batch does not change.
 *
 * @param <M> memory of the device
 */
public final class ForwardPass<M> implements AutoCloseable {

  private final Model model;
  private final PassOptions options;
  private final Device<M> device;
  private final Program program;
  private final WeightStore<M> weights;
  private final KvCache<M> cache;
  private final StageMaker<M> maker;
  private Graft graft = Graft.NONE;
  private LaunchMode mode = LaunchMode.EAGER;
  private int positions;

  private ForwardPass(
      Model model,
      PassOptions options,
      Device<M> device,
      WeightStore<M> weights,
      KvCache<M> cache) {
    this.model = model;
    this.options = options;
    this.device = device;
    this.program = new Program(model, options.paths());
    this.weights = weights;
    this.cache = cache;
    this.maker = new StageMaker<>(model, program, device, weights, cache);
  }

  /**
   * Uploads the weights that stay.
   *
   * @throws Refusal if the model was not made for so many positions, or a batch has too many rows
   * @throws IOException if the weights cannot be read
   */
  public static <M> ForwardPass<M> open(Model model, Device<M> device, PassOptions options)
      throws IOException {
    Hyperparameters sizes = model.hyperparameters();
    if (options.positions() > sizes.longest()) {
      throw new Refusal.LimitExceeded(
          model.checkpoint().path().toString(),
          "attention window",
          -1,
          "the number of positions",
          options.positions(),
          sizes.longest());
    }
    requireCountable(model, options.batch());
    WeightStore<M> weights = new WeightStore<>(model.weights(), device, options.weightBytes());
    try {
      KvCache<M> cache =
          new KvCache<>(sizes, sizes.layers(), options.positions(), options.cache(), device);
      try {
        weights.load();
        return new ForwardPass<>(model, options, device, weights, cache);
      } catch (IOException | RuntimeException failure) {
        cache.close();
        throw failure;
      }
    } catch (IOException | RuntimeException failure) {
      weights.close();
      throw failure;
    }
  }

  /** Rows of heads, and elements of a table of angles, are counted in 32 bits. */
  private static void requireCountable(Model model, int batch) throws Refusal {
    Hyperparameters sizes = model.hyperparameters();
    long largest = (long) batch * Math.max(sizes.heads(), sizes.headSize());
    if (largest > Integer.MAX_VALUE) {
      throw new Refusal.LimitExceeded(
          model.checkpoint().path().toString(),
          "batch",
          -1,
          "positions of a call times heads, or times their size,",
          largest,
          Integer.MAX_VALUE);
    }
  }

  /** A graph holds what is known before it runs, and memory that stays. */
  private static void requireRecordable(
      LaunchMode mode, Hyperparameters sizes, PassOptions options, WeightStore<?> weights)
      throws CouldNotCompare {
    if (mode != LaunchMode.GRAPH) {
      return;
    }
    if (sizes.sparse().isPresent() || options.paths().repairsCrushed()) {
      throw new CouldNotCompare(
          "mode graph: %s are chosen while the model runs, which a graph cannot hold; use eager"
              .formatted(sizes.sparse().isPresent() ? "experts" : "crushed rows"));
    }
    if (weights.residentLayers() < sizes.layers()) {
      throw new CouldNotCompare(
          "mode graph needs all weights on the device; %d of %d layers fit in --max-memory"
              .formatted(weights.residentLayers(), sizes.layers()));
    }
  }

  /** The steps that are run. */
  public Program program() {
    return program;
  }

  /** Layers whose weights stay on the device; the others are read again for every call. */
  public int residentLayers() {
    return weights.residentLayers();
  }

  /** Positions so far. */
  public int positions() {
    return positions;
  }

  /** Forgets all positions from {@code kept} on. */
  public void rewind(int kept) {
    if (kept < 0 || kept > positions) {
      throw new IllegalArgumentException("cannot keep %d of %d".formatted(kept, positions));
    }
    positions = kept;
  }

  /**
   * From now on work is launched in another mode; at first it is {@link LaunchMode#EAGER}.
   *
   * @throws CouldNotCompare if this model, as it is run, cannot be recorded
   */
  public void launch(LaunchMode other) throws CouldNotCompare {
    requireRecordable(other, model.hyperparameters(), options, weights);
    mode = other;
  }

  /** From now on operations are run by {@code runner}. */
  public void runWith(StepRunner<M> runner) {
    maker.runWith(runner);
  }

  /** From now on stages are replaced as {@code other} says. */
  public void graft(Graft other) {
    graft = other;
  }

  /**
   * Computes the next positions.
   *
   * @param tokens their token ids
   * @param sink is shown the stages that it wants, batch by batch
   * @throws Refusal if a token is not in the vocabulary or the KV cache is full
   * @throws IOException if weights cannot be read or the sink fails
   */
  public void run(int[] tokens, StageSink<M> sink) throws IOException {
    Hyperparameters sizes = model.hyperparameters();
    String file = model.checkpoint().path().toString();
    if (tokens.length > options.positions() - positions) {
      throw new Refusal.LimitExceeded(
          file,
          "KV cache",
          -1,
          "the number of positions",
          (long) positions + tokens.length,
          options.positions());
    }
    for (int token : tokens) {
      if (token < 0 || token >= sizes.vocabulary()) {
        throw new Refusal.Inconsistent(
            file, "vocabulary", -1, "the token id, below", token, sizes.vocabulary());
      }
    }
    for (int first = 0; first < tokens.length; first += options.batch()) {
      int last = Math.min(tokens.length, first + options.batch());
      Call call = new Call(last - first, positions, options.cache());
      maker.begin(Arrays.copyOfRange(tokens, first, last), call);
      switch (mode) {
        case EAGER -> eager(call, sink);
        case GRAPH -> recorded(call, sink);
      }
      positions += call.positions();
    }
    device.synchronise();
  }

  private void eager(Call call, StageSink<M> sink) throws IOException {
    for (int layer = 0; layer < layers(); layer++) {
      weights.require(layer);
      walk(program.layer(layer, call), layer, call, sink);
    }
    walk(program.end(call), StageKey.NO_LAYER, call, sink);
  }

  private int layers() {
    return model.hyperparameters().layers();
  }

  /**
   * Records the whole call, then launches it at once. Stages that the sink wants are copied inside
   * the graph and shown when it is done.
   */
  private void recorded(Call call, StageSink<M> sink) throws IOException {
    try (KeptStages<M> kept = new KeptStages<>(device, maker)) {
      for (int layer = StageKey.NO_LAYER; layer < layers(); layer++) {
        List<StageSteps> stages = stagesOf(layer, call);
        Set<Stage> taps = taps(stages, layer, sink);
        for (StageSteps stage : stages) {
          if (!stage.forTapsOnly() || taps.contains(stage.stage())) {
            maker.reserve(stage, layer);
          }
          StageKey key = StageKey.of(stage.stage(), layer);
          if (sink.wants(key)) {
            kept.reserve(key, call);
          }
        }
      }
      try (Replay replay =
          device.record(() -> record(call, kept)).orElseThrow(this::cannotRecord)) {
        replay.run();
        device.synchronise();
      }
      kept.show(sink);
    }
  }

  private CouldNotCompare cannotRecord() {
    return new CouldNotCompare(
        "%s runs no graphs; use the mode eager, or a CUDA device".formatted(device.name()));
  }

  private List<StageSteps> stagesOf(int layer, Call call) {
    return layer == StageKey.NO_LAYER ? program.end(call) : program.layer(layer, call);
  }

  private void record(Call call, KeptStages<M> kept) {
    try {
      for (int layer = 0; layer < layers(); layer++) {
        walk(stagesOf(layer, call), layer, call, kept);
      }
      walk(stagesOf(StageKey.NO_LAYER, call), StageKey.NO_LAYER, call, kept);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private void walk(List<StageSteps> stages, int layer, Call call, StageSink<M> sink)
      throws IOException {
    Set<Stage> taps = taps(stages, layer, sink);
    maker.beginLayer();
    for (StageSteps stage : stages) {
      if (stage.forTapsOnly() && !taps.contains(stage.stage())) {
        continue;
      }
      maker.make(stage, layer, call);
      StageKey key = StageKey.of(stage.stage(), layer);
      Optional<MemorySegment> replacement = graft.rows(key, call);
      if (replacement.isPresent()) {
        maker.put(key, call, replacement.get());
      }
      if (sink.wants(key)) {
        sink.take(maker.tensor(key, call));
      }
    }
  }

  /** What the sink wants, and what that is made of. */
  private Set<Stage> taps(List<StageSteps> stages, int layer, StageSink<M> sink) {
    Set<Stage> wanted = new HashSet<>();
    for (StageSteps stage : stages.reversed()) {
      if (wanted.contains(stage.stage()) || sink.wants(StageKey.of(stage.stage(), layer))) {
        wanted.add(stage.stage());
        stage.inputs().forEach(input -> wanted.add(input.stage()));
      }
    }
    return wanted;
  }

  /** Rows of quantised products that were looked at for crushed blocks. */
  public long quantisedRows() {
    return maker.quantisedRows();
  }

  /** Rows that were computed from float32 activations because a block was crushed. */
  public long crushedRows() {
    return maker.crushedRows();
  }

  /** The logits of the last position. */
  public StageTensor<M> logits() {
    if (positions == 0) {
      throw new IllegalStateException("no position has been computed");
    }
    return maker.tensor(
        StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER), new Call(1, positions - 1, options.cache()));
  }

  @Override
  public void close() {
    maker.close();
    cache.close();
    weights.close();
  }
}
