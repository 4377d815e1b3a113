package dev.witnessmark.parity.check;

import dev.witnessmark.inference.IsolatedStages;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.inference.Step;
import dev.witnessmark.inference.Value;
import dev.witnessmark.kernels.exact.Exact;
import dev.witnessmark.kernels.exact.Given;
import dev.witnessmark.kernels.exact.Judgement;
import dev.witnessmark.kernels.exact.Reference;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.model.transformer.StageKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds a stage's values against what float32 arithmetic in any order may be off, from the oracle's
 * inputs. What a step leaves for the next one brings its own error along; codes that activations
 * were quantised to, and the choice of experts, are taken as the oracle has them.
 */
final class StageBudget {

  private static final String BASIS = "derived: float32, any order of additions";

  private StageBudget() {}

  /**
   * The share of the budget that is used.
   *
   * @param host has just made the stage from the oracle's inputs
   * @param made the stage as the host made it
   * @param values the values to judge, row by row
   * @return empty for stages whose operations are only known while they run
   */
  static Optional<BudgetUse> of(
      IsolatedStages<MemorySegment> host,
      StageKey key,
      StageTensor<MemorySegment> made,
      float[] values) {
    Map<Value, Reference> computed = new HashMap<>();
    List<BudgetUse> uses = new ArrayList<>();
    for (IsolatedStages.Ran<MemorySegment> step : host.ran(key)) {
      judge(step, key, made, values, computed, uses);
    }
    return uses.stream()
        .reduce((a, b) ->
            new BudgetUse(
                Math.max(a.used(), b.used()),
                a.used() >= b.used() ? a.index() : b.index(),
                a.unlimited() + b.unlimited(),
                BASIS));
  }

  private static void judge(
      IsolatedStages.Ran<MemorySegment> ran,
      StageKey key,
      StageTensor<MemorySegment> made,
      float[] values,
      Map<Value, Reference> computed,
      List<BudgetUse> uses) {
    Step.Run run = ran.run();
    List<Operand> operands = run.operation().operands();
    List<Given> inputs = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i).direction() == Operand.Direction.IN) {
        Reference earlier = computed.get(run.operands().get(i));
        inputs.add(earlier == null ? Given.stored(ran.memories().get(i)) : Given.computed(earlier));
      }
    }
    for (Reference reference : Exact.after(run.operation(), inputs, SumOrder.ANY)) {
      Value output = run.operands().get(reference.operand());
      if (output instanceof Value.Activation activation && activation.stage() == key.stage()) {
        uses.add(use(reference, activation, made, values));
      } else if (!(run.operation() instanceof QuantiseActivations)
          && !(run.operation() instanceof TopK)) {
        computed.put(output, reference);
      }
    }
  }

  private static BudgetUse use(
      Reference reference,
      Value.Activation activation,
      StageTensor<MemorySegment> made,
      float[] values) {
    int width = made.parts().stream().mapToInt(StageTensor.Part::columns).sum();
    int column =
        switch (activation.part()) {
          case WHOLE, QUERY -> 0;
          case KEY -> made.parts().getFirst().columns();
          case VALUE -> width - made.parts().getLast().columns();
        };
    int columns =
        switch (activation.part()) {
          case WHOLE -> width;
          case QUERY -> made.parts().getFirst().columns();
          case KEY, VALUE -> made.parts().getLast().columns();
        };
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment part =
          arena.allocate((long) values.length / width * columns * Float.BYTES, Float.BYTES);
      for (int row = 0; row < values.length / width; row++) {
        MemorySegment.copy(
            values,
            row * width + column,
            part,
            ValueLayout.JAVA_FLOAT,
            (long) row * columns * Float.BYTES,
            columns);
      }
      Judgement judgement = reference.judge(part);
      long index =
          judgement.worst() < 0
              ? -1
              : (long) judgement.worst() / columns * width + column + judgement.worst() % columns;
      return new BudgetUse(judgement.used(), index, judgement.unlimited(), BASIS);
    }
  }
}
