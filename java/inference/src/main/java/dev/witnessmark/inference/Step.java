package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.Operation;
import java.util.List;

/** One thing that a device does on the way through a model. */
public sealed interface Step {

  /**
   * An operation.
   *
   * @param operation what
   * @param operands one for each of {@link Operation#operands}
   */
  record Run(Operation operation, List<Value> operands) implements Step {

    public Run {
      operands = List.copyOf(operands);
    }

    Run(Operation operation, Value... operands) {
      this(operation, List.of(operands));
    }
  }

  /**
   * A copy of equally many bytes.
   *
   * @param from what is read
   * @param to what is written
   */
  record Copy(Value from, Value to) implements Step {}

  /**
   * Computes the rows of a product again, from float32 activations, where quantising them would
   * crush a block under one outlier.
   *
   * @param check finds these rows
   * @param precise the product of one row
   * @param matrix the weights
   * @param input {@code [rows, columns]}
   * @param result what the quantised product left, {@code [rows, out]}
   */
  record Repair(CrushedBlocks check, MatVecF32 precise, Matrix matrix, Value input, Value result)
      implements Step {}

  /**
   * The chosen experts of every token, and their weighted sum. Which experts run is only known when
   * the router has run, so this is a program of its own.
   *
   * @param mixture the weights
   * @param input {@code [positions, hidden]}
   * @param router {@code [positions, used]}, weights of the chosen experts
   * @param indices {@code [positions, used]} int32, their numbers
   * @param result {@code [positions, hidden]}
   */
  record Experts(
      LayerWeights.Mixture mixture, Value input, Value router, Value indices, Value result)
      implements Step {}
}
