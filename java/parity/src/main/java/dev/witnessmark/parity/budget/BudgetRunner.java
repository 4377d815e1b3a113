package dev.witnessmark.parity.budget;

import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.kernels.exact.Exact;
import dev.witnessmark.kernels.exact.Given;
import dev.witnessmark.kernels.exact.Reference;
import dev.witnessmark.kernels.exact.SumOrder;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.ToFloat16;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.measure.Diagnosis;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Runs the steps of one stage, and beside them keeps what each of their results really is and how
 * far a computed one may be from it.
 *
 * <p>A row whose quantised activations have a crushed block gets the budget that it would have
 * without the outlier: divided by the ratio of the two largest magnitudes. Quantising is allowed to
 * be as coarse as ordinary activations make it, not as one value makes it for 255 others.
 */
public final class BudgetRunner implements StepRunner<MemorySegment> {

  private final Device<MemorySegment> device;
  private final SumOrder order;
  private final Codes codes;
  private final Supplier<List<Rounded>> rounded;
  private final TreeMap<Long, Made> made = new TreeMap<>();
  private boolean begun;
  private boolean known = true;
  private boolean crushed;
  private double epsilon;

  /** What a product is judged from whose activations were quantised. */
  public enum Codes {
    /** From the codes: quantising them is not what the budget is for. */
    AS_STORED,
    /** From the activations: what quantising costs is part of the budget. */
    OF_ACTIVATIONS
  }

  /**
   * For one stage.
   *
   * @param device runs the steps
   * @param order what the budgets allow for
   * @param rounded inputs that were rounded when they were stored, asked for when they are in place
   */
  public BudgetRunner(
      Device<MemorySegment> device, SumOrder order, Codes codes, Supplier<List<Rounded>> rounded) {
    this.device = device;
    this.order = order;
    this.codes = codes;
    this.rounded = rounded;
  }

  /**
   * An input that is not what the side computed with.
   *
   * @param tensor where it is
   * @param precision what it was rounded to
   */
  public record Rounded(StageTensor<MemorySegment> tensor, Precision precision) {}

  /** Every value may have been anything that rounds to it. */
  private void begin() {
    for (Rounded input : rounded.get()) {
      for (StageTensor.Part<MemorySegment> part : input.tensor.parts()) {
        float[] floats = part.memory().toArray(ValueLayout.JAVA_FLOAT);
        double[] values = new double[floats.length];
        double[] budgets = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
          values[i] = floats[i];
          budgets[i] = input.precision.budget(0, floats[i]);
        }
        Reference reference =
            new Reference(
                "input",
                0,
                values,
                budgets,
                (operand, i) -> operand.getAtIndex(ValueLayout.JAVA_FLOAT, i));
        made.put(part.memory().address(), new Made(reference, part.memory().byteSize(), none()));
        epsilon = Math.max(epsilon, input.precision.unit());
      }
    }
  }

  /**
   * What a step has made.
   *
   * @param reference its numbers and budgets
   * @param bytes size of its memory
   * @param ratios of quantised activations, the largest ratio of a block in each row
   */
  private record Made(Reference reference, long bytes, double[] ratios) {}

  @Override
  public void run(StageKey key, Operation operation, List<MemorySegment> operands) {
    if (!begun) {
      begun = true;
      begin();
    }
    device.run(operation, operands);
    // Experts are scattered between steps by copies that are no operations.
    known &= key.stage() != Stage.MOE_FFN_OUT;
    if (!known || operation instanceof CrushedBlocks) {
      return;
    }
    List<Given> inputs = new ArrayList<>();
    for (MemorySegment operand : operands) {
      inputs.add(given(operation, operand));
    }
    for (Reference reference : Exact.after(operation, inputs, order)) {
      MemorySegment output = operands.get(reference.operand());
      loosen(operation, operands, reference);
      keep(output, new Made(judged(operation, operands, reference), output.byteSize(), none()));
    }
    if (operation instanceof QuantiseActivations quantise && codes == Codes.OF_ACTIVATIONS) {
      ratios(quantise, operands);
    }
  }

  /** Attention takes its inputs as they are stored; what they were rounded by comes on top. */
  private void loosen(Operation operation, List<MemorySegment> operands, Reference reference) {
    if (epsilon == 0) {
      return;
    }
    RoundedAttention rounding = new RoundedAttention(epsilon);
    double[] errors =
        switch (operation) {
          case Attention o ->
              rounding.results(o, operands.get(0), operands.get(1), operands.get(2));
          case AttentionScores o -> rounding.scores(o, operands.get(0), operands.get(1));
          default -> none();
        };
    for (int i = 0; i < errors.length; i++) {
      reference.budgets()[i] += errors[i];
    }
  }

  private static double[] none() {
    return new double[0];
  }

  private Given given(Operation operation, MemorySegment operand) {
    Made earlier = made.get(operand.address());
    boolean bytes =
        switch (operation) {
          case Attention _, AttentionScores _, ToFloat16 _, Gather _ -> true;
          case MatVecQ8 _ -> codes == Codes.AS_STORED;
          default -> false;
        };
    return earlier == null || earlier.bytes != operand.byteSize() || bytes
        ? Given.stored(operand)
        : Given.computed(earlier.reference);
  }

  /** A slice of what is known, such as a repaired row, replaces its part. */
  private void keep(MemorySegment output, Made next) {
    Map.Entry<Long, Made> around = made.floorEntry(output.address());
    long at = around == null ? 0 : output.address() - around.getKey();
    if (around != null
        && around.getValue().bytes > next.bytes
        && at + next.bytes <= around.getValue().bytes) {
      Reference whole = around.getValue().reference;
      int first = Math.toIntExact(at / Float.BYTES);
      int count = next.reference.values().length;
      System.arraycopy(next.reference.values(), 0, whole.values(), first, count);
      System.arraycopy(next.reference.budgets(), 0, whole.budgets(), first, count);
    } else {
      made.put(output.address(), next);
    }
  }

  private void ratios(QuantiseActivations quantise, List<MemorySegment> operands) {
    float[] values = operands.getFirst().toArray(ValueLayout.JAVA_FLOAT);
    int rows = quantise.rows();
    int columns = values.length / rows;
    double[] ratios = new double[rows];
    for (int row = 0; row < rows; row++) {
      ratios[row] = Diagnosis.largestRatio(values, row * columns, (row + 1) * columns);
    }
    made.computeIfPresent(
        operands.get(1).address(), (address, m) -> new Made(m.reference, m.bytes, ratios));
  }

  private Reference judged(Operation operation, List<MemorySegment> operands, Reference reference) {
    if (!(operation instanceof MatVecQ8 product)) {
      return reference;
    }
    Made blocks = made.get(operands.get(1).address());
    if (blocks == null || blocks.ratios.length != product.batch()) {
      return reference;
    }
    double[] budgets = reference.budgets().clone();
    for (int row = 0; row < product.batch(); row++) {
      if (blocks.ratios[row] >= CrushedBlocks.LIMIT) {
        crushed = true;
        for (int i = row * product.rows(); i < (row + 1) * product.rows(); i++) {
          budgets[i] /= blocks.ratios[row];
        }
      }
    }
    return new Reference(
        reference.output(), reference.operand(), reference.values(), budgets, reference.reading());
  }

  /** Whether a crushed block was quantised. */
  public boolean crushed() {
    return crushed;
  }

  /**
   * What is known of a stage that has been made; empty if the way to it has a gap. A part that no
   * operation made was copied, and is as it should be.
   */
  public Optional<Bounds> bounds(StageTensor<MemorySegment> tensor) {
    int elements = Math.toIntExact(tensor.elements());
    double[] values = new double[elements];
    double[] budgets = new double[elements];
    int width = tensor.parts().stream().mapToInt(StageTensor.Part::columns).sum();
    int column = 0;
    for (StageTensor.Part<MemorySegment> part : tensor.parts()) {
      Made whole = made.get(part.memory().address());
      int count = part.rows() * part.columns();
      if (!known || (whole != null && whole.reference.values().length != count)) {
        return Optional.empty();
      }
      double[] partValues =
          whole == null ? device.downloadReals(part.memory()) : whole.reference.values();
      double[] partBudgets = whole == null ? new double[count] : whole.reference.budgets();
      for (int row = 0; row < part.rows(); row++) {
        int from = row * part.columns();
        int to = row * width + column;
        System.arraycopy(partValues, from, values, to, part.columns());
        System.arraycopy(partBudgets, from, budgets, to, part.columns());
      }
      column += part.columns();
    }
    return Optional.of(new Bounds(values, budgets));
  }
}
