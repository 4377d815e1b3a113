package dev.witnessmark.inference;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.inference.Value.Activation;
import dev.witnessmark.inference.Value.Part;
import dev.witnessmark.kernels.numerics.RotaryTable;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.WeightedSum;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Walks the steps of stages on a device: knows where every {@link Value} is.
 *
 * @param <M> memory of the device
 */
final class StageMaker<M> implements AutoCloseable {

  /** A row that no table has; {@link Gather} makes NaN of it. */
  private static final int NOWHERE = -1;

  private final Model model;
  private final Program program;
  private final Device<M> device;
  private final WeightStore<M> weights;
  private final KvCache<M> cache;
  private final Memories<Activation, M> activations;
  private final Memories<String, M> scratch;
  private final Memories<Class<? extends Value>, M> tables;

  /** Steps of this layer that need not be run again. */
  private final Set<Step> done = new HashSet<>();

  private StepRunner<M> runner;
  private long quantisedRows;
  private long crushedRows;

  StageMaker(
      Model model, Program program, Device<M> device, WeightStore<M> weights, KvCache<M> cache) {
    this.model = model;
    this.program = program;
    this.device = device;
    this.weights = weights;
    this.cache = cache;
    this.runner = StepRunner.canonical(device);
    this.activations = new Memories<>(device);
    this.scratch = new Memories<>(device);
    this.tables = new Memories<>(device);
  }

  /** From now on operations are run by {@code other}. */
  void runWith(StepRunner<M> other) {
    runner = other;
  }

  /** Begins a call: uploads its tokens and the angles of its positions. */
  void begin(int[] tokens, Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ids = arena.allocateFrom(ValueLayout.JAVA_INT, tokens);
      device.upload(ids, tables.of(Value.Tokens.class, ids.byteSize()));
    }
    RotaryPlan rotary = model.hyperparameters().rotary();
    double[] angles =
        RotaryTable.of(
            IntStream.range(call.cached(), call.visible()).toArray(),
            rotary.frequencies(),
            rotary.temperature());
    device.uploadReals(angles, tables.of(Value.Angles.class, (long) angles.length * Float.BYTES));
  }

  /** Begins a layer: nothing of it has been done. */
  void beginLayer() {
    done.clear();
  }

  /** Runs the steps of a stage. */
  void make(StageSteps stage, int layer, Call call) {
    StageKey key = StageKey.of(stage.stage(), layer);
    for (Step step : stage.steps()) {
      if (done.add(step)) {
        make(key, step, call);
      }
    }
  }

  /** Allocates what the steps of a stage work on, so that nothing is allocated when they run. */
  void reserve(StageSteps stage, int layer) {
    for (Step step : stage.steps()) {
      if (step instanceof Step.Run run) {
        memories(run.operation(), run.operands(), layer);
      }
    }
  }

  private void make(StageKey key, Step step, Call call) {
    switch (step) {
      case Step.Run run -> run(key, run.operation(), run.operands());
      case Step.Copy copy -> copy(key.layer(), copy, call);
      case Step.Repair repair -> repair(key, repair);
      case Step.Experts experts -> experts(key, experts, call);
    }
  }

  private void run(StageKey key, Operation operation, List<Value> values) {
    runner.run(key, operation, memories(operation, values, key.layer()));
  }

  private List<M> memories(Operation operation, List<Value> values, int layer) {
    List<Operand> operands = operation.operands();
    List<M> memories = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      memories.add(memory(values.get(i), operands.get(i).bytes(), layer));
    }
    return memories;
  }

  private void copy(int layer, Step.Copy copy, Call call) {
    long bytes =
        switch (copy.from()) {
          case Activation from -> bytes(from, call);
          default -> throw new IllegalArgumentException(copy + " copies no activation");
        };
    device.copy(memory(copy.from(), bytes, layer), memory(copy.to(), bytes, layer));
  }

  private void repair(StageKey key, Step.Repair step) {
    int rows = step.check().rows();
    long rowBytes = (long) step.precise().columns() * Float.BYTES;
    long resultBytes = (long) step.precise().rows() * Float.BYTES;
    M input = memory(step.input(), rows * rowBytes, key.layer());
    M result = memory(step.result(), rows * resultBytes, key.layer());
    M ratios = scratch.of("crushed", (long) rows * Float.BYTES);
    runner.run(key, step.check(), List.of(input, ratios));
    double[] found = device.downloadReals(ratios);
    for (int row = 0; row < rows; row++) {
      quantisedRows++;
      if (found[row] >= CrushedBlocks.LIMIT) {
        crushedRows++;
        runner.run(
            key,
            step.precise(),
            List.of(
                weights.memory(step.matrix()),
                device.slice(input, row * rowBytes, rowBytes),
                device.slice(result, row * resultBytes, resultBytes)));
      }
    }
  }

  /** How many rows went through products on quantised activations that were looked at. */
  long quantisedRows() {
    return quantisedRows;
  }

  /** How many of them were computed again from float32 activations. */
  long crushedRows() {
    return crushedRows;
  }

  private M memory(Value value, long bytes, int layer) {
    return switch (value) {
      case Activation activation -> activations.of(activation, bytes);
      case Value.LastRow last ->
          device.slice(
              activations.of(Activation.of(last.stage()), last.rows() * bytes),
              (last.rows() - 1) * bytes,
              bytes);
      case Value.Scratch s -> device.slice(scratch.of(s.name(), s.bytes()), 0, bytes);
      case Value.Stored(Matrix matrix) -> weights.memory(matrix);
      case Value.Decoded(Matrix vector) -> weights.memory(vector);
      case Value.Cached rows -> cache.rows(layer, rows);
      case Value.Tokens _ -> tables.of(Value.Tokens.class, bytes);
      case Value.Angles _ -> tables.of(Value.Angles.class, bytes);
    };
  }

  /** The memory of a stage in this call. */
  StageTensor<M> tensor(StageKey key, Call call) {
    List<StageTensor.Part<M>> parts = new ArrayList<>();
    for (Activation part : partsOf(key.stage())) {
      Rows rows = rows(part, call);
      parts.add(
          new StageTensor.Part<>(
              activations.of(part, rows.bytes()),
              rows.count,
              rows.columns,
              key.stage() == Stage.MOE_ROUTER_INDICES ? Element.INT32 : Element.FLOAT32));
    }
    return new StageTensor<>(key, call, parts, device);
  }

  /** Puts {@code values}, float32 row by row, in the place of a stage. */
  void put(StageKey key, Call call, MemorySegment values) {
    StageTensor<M> tensor = tensor(key, call);
    int width = tensor.parts().stream().mapToInt(StageTensor.Part::columns).sum();
    int column = 0;
    try (Arena arena = Arena.ofConfined()) {
      for (StageTensor.Part<M> part : tensor.parts()) {
        MemorySegment rows = arena.allocate(device.bytes(part.memory()), Float.BYTES);
        long rowBytes = (long) part.columns() * Float.BYTES;
        for (int row = 0; row < part.rows(); row++) {
          long from = ((long) row * width + column) * Float.BYTES;
          MemorySegment.copy(values, from, rows, row * rowBytes, rowBytes);
        }
        if (part.element() == Element.INT32) {
          toIntegers(rows);
        }
        device.upload(rows, part.memory());
        column += part.columns();
      }
    }
  }

  private static void toIntegers(MemorySegment floats) {
    for (long at = 0; at < floats.byteSize(); at += Float.BYTES) {
      floats.set(ValueLayout.JAVA_INT, at, (int) floats.get(ValueLayout.JAVA_FLOAT, at));
    }
  }

  private static List<Activation> partsOf(Stage stage) {
    return switch (stage) {
      case QKV_MATMUL, QKV_BIAS ->
          List.of(
              new Activation(stage, Part.QUERY),
              new Activation(stage, Part.KEY),
              new Activation(stage, Part.VALUE));
      default -> List.of(Activation.of(stage));
    };
  }

  private record Rows(int count, int columns) {
    long bytes() {
      return (long) count * columns * Float.BYTES;
    }
  }

  private long bytes(Activation activation, Call call) {
    return rows(activation, call).bytes();
  }

  private Rows rows(Activation activation, Call call) {
    Hyperparameters sizes = model.hyperparameters();
    return switch (activation.stage()) {
      case ATTN_SCORES, ATTN_SOFTMAX -> new Rows(sizes.heads() * call.positions(), call.visible());
      case LM_HEAD -> new Rows(1, sizes.vocabulary());
      default ->
          new Rows(
              call.positions(),
              switch (activation.part()) {
                case WHOLE -> activation.stage().rowElements(sizes);
                case QUERY -> sizes.queryElements();
                case KEY, VALUE -> sizes.keyElements();
              });
    };
  }

  /**
   * The rows of each expert are gathered, go through it together, and are put back in the order of
   * tokens and choices before they are added. A token whose router gave NaN has no experts: what
   * they would have made is NaN.
   */
  private void experts(StageKey key, Step.Experts step, Call call) {
    int tokens = call.positions();
    int used = model.hyperparameters().sparse().orElseThrow().used();
    int hidden = model.hyperparameters().hidden();
    int chosen = tokens * used;
    int[] experts = download(memory(step.indices(), (long) chosen * Integer.BYTES, key.layer()));
    M made = scratch.of("experts.made", (long) chosen * hidden * Float.BYTES);
    int[] places = new int[chosen];
    Arrays.fill(places, NOWHERE);
    int first = 0;
    for (int expert = 0; expert < step.mixture().experts().size(); expert++) {
      int count = 0;
      int[] rows = new int[chosen];
      for (int i = 0; i < chosen; i++) {
        if (experts[i] == expert) {
          rows[count] = i / used;
          places[i] = first + count;
          count++;
        }
      }
      if (count > 0) {
        int[] itsRows = Arrays.copyOf(rows, count);
        M result =
            device.slice(
                made, (long) first * hidden * Float.BYTES, (long) count * hidden * Float.BYTES);
        expert(key, step.mixture().experts().get(expert), step.input(), itsRows, call, result);
        first += count;
      }
    }
    Gather inOrder = new Gather(TensorType.F32, chosen, hidden, chosen);
    M parts = scratch.of("experts.parts", (long) chosen * hidden * Float.BYTES);
    runner.run(key, inOrder, List.of(made, upload("experts.places", places), parts));
    WeightedSum sum = new WeightedSum(tokens, used, hidden);
    runner.run(
        key,
        sum,
        List.of(
            parts,
            memory(step.router(), (long) chosen * Float.BYTES, key.layer()),
            memory(step.result(), (long) tokens * hidden * Float.BYTES, key.layer())));
  }

  private void expert(
      StageKey key, LayerWeights.Dense expert, Value input, int[] rows, Call call, M result) {
    int tokens = call.positions();
    int hidden = model.hyperparameters().hidden();
    long bytes = (long) rows.length * hidden * Float.BYTES;
    Gather gather = new Gather(TensorType.F32, tokens, hidden, rows.length);
    runner.run(
        key,
        gather,
        List.of(
            memory(input, (long) tokens * hidden * Float.BYTES, key.layer()),
            upload("experts.rows", rows),
            scratch.of("experts.input", bytes)));
    Value.Scratch output = new Value.Scratch("experts.output", bytes);
    Set<Step> once = new HashSet<>();
    for (Step step :
        program.expert(expert, new Value.Scratch("experts.input", bytes), output, rows.length)) {
      if (once.add(step)) {
        make(key, step, call);
      }
    }
    device.copy(scratch.of("experts.output", bytes), result);
  }

  private M upload(String name, int[] numbers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_INT, numbers);
      M to = scratch.of(name, from.byteSize());
      device.upload(from, to);
      return to;
    }
  }

  private int[] download(M from) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(device.bytes(from), Integer.BYTES);
      device.download(from, to);
      return to.toArray(ValueLayout.JAVA_INT);
    }
  }

  @Override
  public void close() {
    tables.close();
    scratch.close();
    activations.close();
  }
}
