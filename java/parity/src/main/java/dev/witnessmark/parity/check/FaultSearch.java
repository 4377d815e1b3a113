package dev.witnessmark.parity.check;

import dev.witnessmark.inference.Call;
import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.Graft;
import dev.witnessmark.inference.IsolatedStages;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.exact.ExactMemory;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.BudgetRunner;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.measure.Diagnosis;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.parity.trace.Sequence;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Feeds single stages of the device the oracle's inputs: whatever then differs is wrong by itself.
 *
 * @param <M> memory of the device
 */
final class FaultSearch<M> {

  /** Above this, only the layer of the first difference is looked at. */
  private static final long MOST_BYTES = 1L << 30;

  /** Faults beyond this are counted, not described. */
  private static final int MOST_FAULTS = 32;

  private static final String BASIS = "derived: float32, any order of additions";

  private final Model model;
  private final Hyperparameters sizes;
  private final Device<M> device;
  private final ParityOptions<M> options;
  private final ForwardPass<MemorySegment> oracle;
  private final ForwardPass<M> pass;
  private final Sequence sequence;
  private final StageKey first;
  private final int[] tokens;

  FaultSearch(
      Model model,
      Device<M> device,
      ParityOptions<M> options,
      ForwardPass<MemorySegment> oracle,
      ForwardPass<M> pass,
      Sequence sequence,
      StageKey first) {
    this.model = model;
    this.sizes = model.hyperparameters();
    this.device = device;
    this.options = options;
    this.oracle = oracle;
    this.pass = pass;
    this.sequence = sequence;
    this.first = first;
    this.tokens = sequence.tokens().stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * What was found.
   *
   * @param faults in forward order
   * @param judged stages that were looked at
   * @param graft what the oracle's values in place of the faults' do
   */
  record Found(List<StageFault> faults, int judged, Optional<PromptCheck.GraftResult> graft) {}

  Found run() throws IOException {
    try (IsolatedStages<M> isolated = isolated(device, options.pass().paths())) {
      options.runner().ifPresent(isolated::runWith);
      SortedSet<StageKey> looked = looked(isolated);
      Set<StageKey> needed = new HashSet<>(looked);
      for (StageKey key : looked) {
        needed.addAll(isolated.inputs(key));
      }
      needed.add(first);
      needed.add(StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER));
      StageStore<MemorySegment> right = new StageStore<>(sizes, tokens.length, needed);
      sequence.run(oracle, right);
      StageStore<M> seen = new StageStore<>(sizes, tokens.length, Set.of(first));
      sequence.run(pass, seen);
      TreeMap<StageKey, float[]> wrong = new TreeMap<>();
      for (StageKey key : looked) {
        float[] values = isolated.make(key, inputs(isolated, key, right)).floats();
        if (!sameBits(values, right.get(key))) {
          wrong.put(key, values);
        }
      }
      // What a run made counts more than what the same stage makes by itself.
      if (!sameBits(seen.get(first), right.get(first))) {
        wrong.put(first, seen.get(first));
      }
      List<StageFault> faults = new ArrayList<>();
      try (ExactDevice arbiter = new ExactDevice();
          IsolatedStages<ExactMemory> exact = isolated(arbiter, PathPlan.all(MatrixPath.F32));
          IsolatedStages<MemorySegment> host =
              isolated(HostDevice.best(), options.pass().paths())) {
        for (Map.Entry<StageKey, float[]> fault : wrong.entrySet()) {
          if (faults.size() < MOST_FAULTS) {
            faults.add(describe(exact, host, fault.getKey(), fault.getValue(), right));
          }
        }
      }
      return new Found(faults, looked.size(), graft(wrong.keySet(), right));
    }
  }

  private <D> IsolatedStages<D> isolated(Device<D> on, PathPlan paths) throws IOException {
    Element kept = on instanceof ExactDevice ? Element.FLOAT32 : options.pass().cache();
    return IsolatedStages.open(model, on, paths, tokens, kept);
  }

  private SortedSet<StageKey> looked(IsolatedStages<M> isolated) {
    SortedSet<StageKey> all = isolated.stages();
    long bytes = 0;
    for (StageKey key : all) {
      bytes +=
          key.stage().shape(sizes, tokens.length).stream()
              .mapToLong(Integer::longValue)
              .reduce(Float.BYTES, Math::multiplyExact);
    }
    if (bytes > MOST_BYTES) {
      all.removeIf(key -> key.layer() != first.layer());
    }
    return all;
  }

  private Map<StageKey, MemorySegment> inputs(
      IsolatedStages<?> isolated, StageKey key, StageStore<MemorySegment> right) {
    Map<StageKey, MemorySegment> inputs = new TreeMap<>();
    for (StageKey input : isolated.inputs(key)) {
      inputs.put(input, MemorySegment.ofArray(right.get(input)));
    }
    return inputs;
  }

  private StageFault describe(
      IsolatedStages<ExactMemory> exact,
      IsolatedStages<MemorySegment> host,
      StageKey key,
      float[] values,
      StageStore<MemorySegment> right)
      throws IOException {
    double[] real = exact.make(key, inputs(exact, key, right)).reals();
    double[] ours = widened(right.get(key));
    double[] theirs = widened(values);
    int columns = columns(key);
    StageMetrics metrics = StageMetrics.of(ours, theirs, columns);
    long index = metrics.largestAt() >= 0 ? metrics.largestAt() : firstDifference(ours, theirs);
    List<String> remarks = new ArrayList<>();
    for (StageKey input : exact.inputs(key)) {
      Diagnosis.crushed(input, right.get(input), sizes).ifPresent(remarks::add);
    }
    Diagnosis.cancelled(key, exact.inputs(key), right::get, right.get(key)).ifPresent(remarks::add);
    return new StageFault(
        key,
        metrics,
        new StageFault.Truth(
            StageMetrics.of(real, ours, columns), StageMetrics.of(real, theirs, columns)),
        budget(host, key, inputs(host, key, right), theirs),
        index,
        ours[(int) index],
        theirs[(int) index],
        real[(int) index],
        remarks);
  }

  private static Optional<BudgetUse> budget(
      IsolatedStages<MemorySegment> host,
      StageKey key,
      Map<StageKey, MemorySegment> inputs,
      double[] values)
      throws IOException {
    BudgetRunner runner =
        new BudgetRunner(HostDevice.best(), SumOrder.ANY, BudgetRunner.Codes.AS_STORED, List::of);
    host.runWith(runner);
    return runner.bounds(host.make(key, inputs)).map(bounds -> bounds.use(values, BASIS));
  }

  private int columns(StageKey key) {
    return key.stage().shape(sizes, tokens.length).getLast();
  }

  private static long firstDifference(double[] a, double[] b) {
    int i = 0;
    while (i < a.length - 1
        && Double.doubleToRawLongBits(a[i]) == Double.doubleToRawLongBits(b[i])) {
      i++;
    }
    return i;
  }

  private static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static boolean sameBits(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
        return false;
      }
    }
    return a.length == b.length;
  }

  private Optional<PromptCheck.GraftResult> graft(
      Set<StageKey> wrong, StageStore<MemorySegment> right) throws IOException {
    StageKey end = StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER);
    // What is only made to be looked at leads nowhere, and what is last has nothing after it.
    List<StageKey> places = wrong.stream().filter(key -> key.stage().isPerPosition()).toList();
    if (places.isEmpty()) {
      return Optional.empty();
    }
    float[] goal = right.get(end);
    sequence.run(pass, StageSink.none());
    float[] before = pass.logits().floats();
    pass.graft((key, call) ->
        places.contains(key) ? Optional.of(rows(right.get(key), key, call)) : Optional.empty());
    sequence.run(pass, StageSink.none());
    pass.graft(Graft.NONE);
    float[] after = pass.logits().floats();
    return Optional.of(
        new PromptCheck.GraftResult(
            places, sameBits(after, goal), distance(goal, after), distance(goal, before)));
  }

  private MemorySegment rows(float[] all, StageKey key, Call call) {
    int row = key.stage().rowElements(sizes);
    int from = call.cached() * row;
    return MemorySegment.ofArray(Arrays.copyOfRange(all, from, from + call.positions() * row));
  }

  private static double distance(float[] goal, float[] values) {
    return StageMetrics.of(widened(goal), widened(values), goal.length).relative();
  }
}
