package dev.witnessmark.parity.compare;

import dev.witnessmark.capture.Provenance;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.inference.IsolatedStages;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.Step;
import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.Bounds;
import dev.witnessmark.parity.budget.BudgetRunner;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.budget.Precision;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.parity.measure.StageValues;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Computes single stages of a side again, on the CPU: on the path of its manifest, or where it has
 * none, on path {@code f32}.
 */
final class Recomputation implements AutoCloseable {

  private final CaptureSide side;
  private final Hyperparameters sizes;
  private final HostDevice device;
  private final IsolatedStages<MemorySegment> stages;
  private final SortedSet<StageKey> known;

  private Recomputation(
      CaptureSide side,
      Hyperparameters sizes,
      HostDevice device,
      IsolatedStages<MemorySegment> stages) {
    this.side = side;
    this.sizes = sizes;
    this.device = device;
    this.stages = stages;
    this.known = stages.stages();
  }

  /**
   * Prepares a side for its tokens.
   *
   * @throws CouldNotCompare if the model cannot be that of the capture
   */
  static Recomputation open(CaptureSide side, Model model, int[] tokens) throws IOException {
    Hyperparameters sizes = model.hyperparameters();
    for (int token : tokens) {
      if (token < 0 || token >= sizes.vocabulary()) {
        throw new CouldNotCompare(
            "token %d of %s is not among the %d of %s"
                .formatted(token, side.name(), sizes.vocabulary(), model.checkpoint().path()));
      }
    }
    HostDevice device = HostDevice.best();
    IsolatedStages<MemorySegment> stages =
        IsolatedStages.open(model, device, plan(side), tokens, cache(side));
    return new Recomputation(side, sizes, device, stages);
  }

  /** The path of a side's manifest. */
  static PathPlan plan(CaptureSide side) throws CouldNotCompare {
    if (!side.followsContract()) {
      return PathPlan.all(MatrixPath.F32);
    }
    String path = side.provenance().map(Provenance::path).orElseThrow();
    try {
      return PathPlan.parse(path);
    } catch (IllegalArgumentException wrong) {
      throw new CouldNotCompare(
          "the manifest of %s has the path %s: %s"
              .formatted(side.name(), path, wrong.getMessage()));
    }
  }

  static Element cache(CaptureSide side) {
    boolean half =
        side.followsContract() && side.provenance().map(p -> p.cache().equals("f16")).orElse(false);
    return half ? Element.FLOAT16 : Element.FLOAT32;
  }

  /** Inputs of a stage, in the layout of this side's model; empty if {@code from} lacks one. */
  Optional<Map<StageKey, MemorySegment>> inputs(StageKey key, CaptureSide from) throws IOException {
    if (!known.contains(key)) {
      return Optional.empty();
    }
    Map<StageKey, MemorySegment> inputs = new TreeMap<>();
    for (StageKey input : stages.inputs(key)) {
      if (!from.capture().stages().containsKey(input) || !fits(input, from)) {
        return Optional.empty();
      }
      inputs.put(input, MemorySegment.ofArray(StageValues.narrowed(values(input, from))));
    }
    return Optional.of(inputs);
  }

  private boolean fits(StageKey key, CaptureSide from) {
    long elements = 1;
    for (int dimension : key.stage().shape(sizes, stages.call().positions())) {
      elements *= dimension;
    }
    return from.tensor(key).shape().elements() == elements;
  }

  /** Values of a stage in the layout of this side's model. */
  double[] values(StageKey key, CaptureSide from) throws IOException {
    double[] values = StageReader.read(from.tensor(key));
    boolean here = sizes.rotary().interleaved();
    return RotaryAlignment.align(key, values, sizes, from.layout().orElse(here), here);
  }

  /** A stage made from {@code inputs}, in the layout of this side's model. */
  double[] make(StageKey key, Map<StageKey, MemorySegment> inputs) throws IOException {
    stages.runWith(StepRunner.canonical(device));
    return StageValues.widened(stages.make(key, inputs).floats());
  }

  /**
   * What a stage is off by itself.
   *
   * @param strict whether only the contract's bits count; else what quantising costs is judged too
   * @return empty where an input was not captured or no budget can be derived
   */
  Optional<OwnError> own(StageKey key, boolean strict) throws IOException {
    Optional<Map<StageKey, MemorySegment>> inputs = inputs(key, side);
    if (inputs.isEmpty() || side.isExact() || !fits(key, side)) {
      return Optional.empty();
    }
    double[] values = values(key, side);
    int columns = columns(key);
    if (side.followsContract()) {
      StageMetrics error = StageMetrics.of(make(key, inputs.get()), values, columns);
      if (!error.same()) {
        return Optional.of(
            new OwnError(
                error,
                new BudgetUse(
                    Double.POSITIVE_INFINITY,
                    Math.max(0, error.largestAt()),
                    0,
                    "against the contract, which asks for equal bits")));
      }
      if (strict || !quantises(key)) {
        return Optional.of(
            new OwnError(error, new BudgetUse(0, -1, 0, "has the bits of the contract")));
      }
    }
    return judged(key, inputs.get(), values, columns);
  }

  private boolean quantises(StageKey key) {
    return stages.steps(key).steps().stream()
        .anyMatch(
            step -> step instanceof Step.Run run && run.operation() instanceof QuantiseActivations);
  }

  private Optional<OwnError> judged(
      StageKey key, Map<StageKey, MemorySegment> inputs, double[] values, int columns)
      throws IOException {
    boolean contract = side.followsContract();
    SumOrder order = contract ? SumOrder.CANONICAL : SumOrder.ANY;
    BudgetRunner runner = runner(order, List::of);
    Optional<Bounds> bounds = bounds(key, inputs, runner);
    if (bounds.isEmpty()) {
      return Optional.empty();
    }
    double[] real = bounds.get().values();
    StageMetrics error = StageMetrics.of(real, values, columns);
    if (contract) {
      String basis =
          "against float64 from its own inputs; budget of quantised activations"
              + (runner.crushed() ? ", crushed blocks as if they had no outlier" : "");
      return Optional.of(new OwnError(error, bounds.get().use(values, basis)));
    }
    // Computed in this precision, or in float32 from inputs that were rounded when stored.
    Precision precision = side.precision().orElse(Precision.of(side.tensor(key).type()));
    BudgetRunner fromRounded = runner(order, () -> rounded(inputs.keySet()));
    return bounds(key, inputs, fromRounded)
        .map(stored ->
            new OwnError(
                error,
                bounds
                    .get()
                    .in(precision, stored)
                    .use(
                        values,
                        "against float64 from its own inputs; budget of %s in any order of additions"
                            .formatted(precision.id()))));
  }

  private BudgetRunner runner(SumOrder order, Supplier<List<BudgetRunner.Rounded>> rounded) {
    return new BudgetRunner(device, order, BudgetRunner.Codes.OF_ACTIVATIONS, rounded);
  }

  private Optional<Bounds> bounds(
      StageKey key, Map<StageKey, MemorySegment> inputs, BudgetRunner runner) throws IOException {
    stages.runWith(runner);
    return runner.bounds(stages.make(key, inputs));
  }

  /** Inputs that were stored in fewer bits than float32. */
  private List<BudgetRunner.Rounded> rounded(Set<StageKey> inputs) {
    List<BudgetRunner.Rounded> rounded = new ArrayList<>();
    for (StageKey input : inputs) {
      TensorType type = side.tensor(input).type();
      if (type == TensorType.F16 || type == TensorType.BF16) {
        rounded.add(new BudgetRunner.Rounded(stages.tensor(input), Precision.of(type)));
      }
    }
    return rounded;
  }

  int columns(StageKey key) {
    return key.stage().shape(sizes, stages.call().positions()).getLast();
  }

  /** The stages that a stage is made of. */
  SortedSet<StageKey> inputs(StageKey key) {
    return stages.inputs(key);
  }

  /** Whether the model has a stage. */
  boolean has(StageKey key) {
    return known.contains(key);
  }

  Hyperparameters sizes() {
    return sizes;
  }

  @Override
  public void close() {
    stages.close();
  }
}
