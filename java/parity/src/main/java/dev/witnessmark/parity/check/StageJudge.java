package dev.witnessmark.parity.check;

import dev.witnessmark.inference.IsolatedStages;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.exact.ExactMemory;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.Bounds;
import dev.witnessmark.parity.budget.BudgetRunner;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.measure.Diagnosis;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.parity.measure.StageValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes what the oracle makes of a device's own inputs, stage by stage: what then differs is
 * wrong by itself. All positions of a sequence are computed at once, which changes no bit.
 */
final class StageJudge implements AutoCloseable {

  private static final String BASIS = "derived: float32, any order of additions";

  private final HostDevice oracle;
  private final ExactDevice arbiter;
  private final IsolatedStages<MemorySegment> right;
  private final IsolatedStages<ExactMemory> real;
  private final StageSizes sizes;
  private final int[] tokens;
  private final List<Integer> ends;

  private StageJudge(
      HostDevice oracle,
      ExactDevice arbiter,
      IsolatedStages<MemorySegment> right,
      IsolatedStages<ExactMemory> real,
      StageSizes sizes,
      int[] tokens,
      List<Integer> ends) {
    this.oracle = oracle;
    this.arbiter = arbiter;
    this.right = right;
    this.real = real;
    this.sizes = sizes;
    this.tokens = tokens;
    this.ends = ends;
  }

  /**
   * Prepares for a sequence.
   *
   * @param pass how the device computes it
   * @param tokens all of its tokens
   * @param calls positions of each call
   */
  static StageJudge open(
      Model model, HostDevice oracle, PassOptions pass, int[] tokens, List<Integer> calls)
      throws IOException {
    List<Integer> ends = new ArrayList<>();
    int end = -1;
    for (int positions : calls) {
      end += positions;
      ends.add(end);
    }
    IsolatedStages<MemorySegment> right =
        IsolatedStages.open(model, oracle, pass.paths(), tokens, pass.cache());
    ExactDevice arbiter = new ExactDevice();
    try {
      IsolatedStages<ExactMemory> real =
          IsolatedStages.open(
              model, arbiter, PathPlan.all(MatrixPath.F32), tokens, Element.FLOAT32);
      StageSizes sizes = new StageSizes(model.hyperparameters(), tokens.length, calls.size());
      return new StageJudge(oracle, arbiter, right, real, sizes, tokens.clone(), ends);
    } catch (IOException | RuntimeException failure) {
      arbiter.close();
      right.close();
      throw failure;
    }
  }

  /** How large stages of this sequence are. */
  StageSizes sizes() {
    return sizes;
  }

  /**
   * Every stage, in groups.
   *
   * @param most bytes that a group may need
   */
  List<StageGroup> groups(long most) {
    return StageGroup.of(right, sizes, most);
  }

  /**
   * Judges a stage by what the device made of it and of its inputs.
   *
   * @return empty if it has the oracle's bits
   */
  Optional<StageFault> judge(StageKey key, StageStore<?> own) throws IOException {
    List<Inputs> inputs = inputs(key, own);
    float[] theirs = own.get(key);
    float[] ours = new float[theirs.length];
    right.runWith(StepRunner.canonical(oracle));
    int at = 0;
    for (Inputs some : inputs) {
      right.turnTo(some.tokens);
      float[] made = right.make(key, some.rows).floats();
      System.arraycopy(made, 0, ours, at, made.length);
      at += made.length;
    }
    int first = StageValues.firstDifference(ours, theirs);
    return first < 0
        ? Optional.empty()
        : Optional.of(fault(key, inputs, own, StageValues.widened(ours), first));
  }

  /**
   * What a stage is made from.
   *
   * @param tokens of the positions
   * @param rows of each of its inputs, for these positions
   */
  private record Inputs(int[] tokens, Map<StageKey, MemorySegment> rows) {}

  /** All positions; of logits, which only the last position of a call has, one for each call. */
  private List<Inputs> inputs(StageKey key, StageStore<?> own) {
    if (key.stage() == Stage.LM_HEAD) {
      StageKey input = right.inputs(key).first();
      return ends.stream()
          .map(end -> new Inputs(new int[] {tokens[end]}, Map.of(input, own.row(input, end))))
          .toList();
    }
    Map<StageKey, MemorySegment> rows = new HashMap<>();
    for (StageKey input : right.inputs(key)) {
      rows.put(input, MemorySegment.ofArray(own.get(input)));
    }
    return List.of(new Inputs(tokens, rows));
  }

  private StageFault fault(
      StageKey key, List<Inputs> inputs, StageStore<?> own, double[] ours, int first)
      throws IOException {
    double[] theirs = StageValues.widened(own.get(key));
    double[] exact = exact(key, inputs, theirs.length);
    int columns = sizes.columns(key);
    StageMetrics metrics = StageMetrics.of(ours, theirs, columns);
    // Zeros of other signs, and NaN, have no distance.
    int index = metrics.largestAt() < 0 ? first : (int) metrics.largestAt();
    return new StageFault(
        key,
        metrics,
        new StageFault.Truth(
            StageMetrics.of(exact, ours, columns), StageMetrics.of(exact, theirs, columns)),
        budget(key, inputs, theirs),
        index,
        ours[index],
        theirs[index],
        exact[index],
        remarks(key, own));
  }

  private double[] exact(StageKey key, List<Inputs> inputs, int elements) throws IOException {
    double[] exact = new double[elements];
    int at = 0;
    for (Inputs some : inputs) {
      real.turnTo(some.tokens);
      double[] made = real.make(key, some.rows).reals();
      System.arraycopy(made, 0, exact, at, made.length);
      at += made.length;
    }
    return exact;
  }

  /** Codes that activations were quantised to are taken as the oracle has them. */
  private Optional<BudgetUse> budget(StageKey key, List<Inputs> inputs, double[] theirs)
      throws IOException {
    double[] values = new double[theirs.length];
    double[] budgets = new double[theirs.length];
    int at = 0;
    for (Inputs some : inputs) {
      BudgetRunner runner =
          new BudgetRunner(oracle, SumOrder.ANY, BudgetRunner.Codes.AS_STORED, List::of);
      right.runWith(runner);
      right.turnTo(some.tokens);
      Optional<Bounds> bounds = runner.bounds(right.make(key, some.rows));
      if (bounds.isEmpty()) {
        return Optional.empty();
      }
      int count = bounds.get().values().length;
      System.arraycopy(bounds.get().values(), 0, values, at, count);
      System.arraycopy(bounds.get().budgets(), 0, budgets, at, count);
      at += count;
    }
    return Optional.of(new Bounds(values, budgets).use(theirs, BASIS));
  }

  private List<String> remarks(StageKey key, StageStore<?> own) {
    List<String> remarks = new ArrayList<>();
    for (StageKey input : right.inputs(key)) {
      Diagnosis.crushed(input, own.get(input), sizes.model()).ifPresent(remarks::add);
    }
    Diagnosis.cancelled(key, right.inputs(key), own::get, own.get(key)).ifPresent(remarks::add);
    return remarks;
  }

  @Override
  public void close() {
    real.close();
    arbiter.close();
    right.close();
  }
}
