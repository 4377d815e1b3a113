package dev.witnessmark.kernels.exact;

import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Dequantise;
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
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Operations in float64, with a derived budget for the canonical arithmetic or for float32 in any
 * order: the arbiter where two sides differ, and the judge of arithmetics that are not canonical.
 *
 * <p>Weights are what {@link Dequantise} makes of them, so that a product is judged for itself and
 * not for what decoding its operands rounds.
 */
public final class Exact {

  private Exact() {}

  /**
   * What the outputs of {@code operation} should hold, by the canonical arithmetic.
   *
   * @param operands as a device takes them, native memory; the outputs are not read
   * @throws ArithmeticException if an output has more than 2³¹ − 1 elements
   */
  public static List<Reference> of(Operation operation, List<MemorySegment> operands) {
    return of(operation, operands, SumOrder.CANONICAL);
  }

  /** As {@link #of(Operation, List)}, with budgets for what {@code order} leaves open. */
  public static List<Reference> of(
      Operation operation, List<MemorySegment> operands, SumOrder order) {
    return after(operation, operands.stream().map(Given::stored).toList(), order);
  }

  /**
   * What the outputs should hold where inputs were computed by earlier steps: their errors go into
   * the budgets, to which this step adds its own. So a chain of references ends in the real results
   * of all of its steps, and in how far computed ones may be from them.
   *
   * <p>These may be given as {@linkplain Given#computed computed}: all float32 numbers of norm,
   * rotation, softmax, sums, SiLU and selection, activations of products and of {@link
   * QuantiseActivations}, tables of {@link Gather} in F32, and, as activations of {@link MatVecQ8},
   * what {@link QuantiseActivations} made of them. An input that is used twice counts as two with
   * errors of their own, so budgets may be larger than need be, never smaller.
   *
   * @param inputs in the order of the operands; what follows them is not read
   * @throws IllegalArgumentException if the bytes of an input are needed and it is computed
   * @throws ArithmeticException if an output has more than 2³¹ − 1 elements
   */
  public static List<Reference> after(Operation operation, List<Given> inputs, SumOrder order) {
    Given first = inputs.getFirst();
    Given second = inputs.get(Math.min(1, inputs.size() - 1));
    return switch (operation) {
      case Dequantise o -> List.of(ExactDecoding.dequantise(o, first.memory()));
      case Gather o -> List.of(ExactDecoding.gather(o, first, second.memory()));
      case QuantiseActivations o -> List.of(ExactQuantisation.quantise(o, first, order));
      case ToFloat16 o -> List.of(ExactQuantisation.toFloat16(o, first.memory()));
      case MatVecQ8 o ->
          List.of(
              second instanceof Given.Computed x
                  ? ExactMatVec.q8(o, first.memory(), x, order)
                  : ExactMatVec.q8(o, first.memory(), second.memory(), order));
      case MatVecF32 o -> List.of(ExactMatVec.f32(o, first.memory(), second, order));
      case RmsNorm o -> List.of(ExactRows.rmsNorm(o, first, second, order));
      case Softmax o -> List.of(ExactRows.softmax(o, first, order));
      case CausalSoftmax o -> List.of(ExactRows.causalSoftmax(o, first, order));
      case WeightedSum o -> List.of(ExactRows.weightedSum(o, first, second, order));
      case CrushedBlocks o -> List.of(ExactRows.crushedBlocks(o, first.memory(), order));
      case Rotary o -> List.of(ExactElementwise.rotary(o, first, second, order));
      case Silu o -> List.of(ExactElementwise.silu(o, first, order));
      case GatedSilu o -> List.of(ExactElementwise.gatedSilu(o, first, second, order));
      case Add o -> List.of(ExactElementwise.add(o, first, second));
      case AddBias o -> List.of(ExactElementwise.addBias(o, first, second));
      case Attention o ->
          List.of(
              ExactAttention.of(o, first.memory(), second.memory(), inputs.get(2).memory(), order));
      case AttentionScores o ->
          List.of(ExactAttention.scores(o, first.memory(), second.memory(), order));
      case ArgMax o -> List.of(ExactSelection.argMax(o, first));
      case TopK o -> ExactSelection.topK(o, first);
      case Base17 o -> List.of(ExactBase17.of(o, first.memory()));
      case RoundingBounds o -> List.of(ExactDecoding.bounds(o, first.memory()));
      case Judge o ->
          ExactJudge.of(
              o, first.memory(), second.memory(), inputs.get(2).memory(), inputs.get(3).memory());
      case Compare o -> ExactCompare.of(o, first.memory(), second.memory());
      case Summarise o -> ExactSummary.of(o, first.memory());
    };
  }

  /** Holds outputs that were computed by some means against {@link #of} their inputs. */
  public static List<Judgement> judge(Operation operation, List<MemorySegment> operands) {
    return judge(operation, operands, SumOrder.CANONICAL);
  }

  /** As {@link #judge(Operation, List)}, with budgets for what {@code order} leaves open. */
  public static List<Judgement> judge(
      Operation operation, List<MemorySegment> operands, SumOrder order) {
    return of(operation, operands, order).stream()
        .map(reference -> reference.judge(operands.get(reference.operand())))
        .toList();
  }

  /**
   * What the results of a product with quantised activations should be had these not been
   * quantised: to the budget of {@link #of} it adds Σ|w|·b, with b the budget of {@link
   * QuantiseActivations}, half a step and what the scale is off, and u·(|x| + b) where the decoded
   * activation is rounded. Path {@code f32} computes the same numbers; so this is also how far the
   * two paths may be apart, next to that one's own budget. Activations that have errors themselves
   * go through {@link #after}, step by step.
   *
   * @param operands of {@code operation}
   * @param activations [batch, columns] float32, what the blocks were made of
   */
  public static Reference beforeQuantisation(
      MatVecQ8 operation, List<MemorySegment> operands, MemorySegment activations) {
    return beforeQuantisation(operation, operands, activations, SumOrder.CANONICAL);
  }

  /**
   * As {@link #beforeQuantisation(MatVecQ8, List, MemorySegment)}, with budgets for what {@code
   * order} leaves open.
   */
  public static Reference beforeQuantisation(
      MatVecQ8 operation, List<MemorySegment> operands, MemorySegment activations, SumOrder order) {
    return ExactMatVec.beforeQuantisation(
        operation, operands.getFirst(), operands.get(1), activations, order);
  }
}
