package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.model.transformer.StageKey;
import java.util.List;

/**
 * Runs the operations of a stage: where another kernel can stand in for one.
 *
 * @param <M> memory of the device
 */
@FunctionalInterface
public interface StepRunner<M> {

  /** Runs {@code operation}, which is a step of {@code key}. */
  void run(StageKey key, Operation operation, List<M> operands);

  /** Canonical kernels of {@code device} only. */
  static <M> StepRunner<M> canonical(Device<M> device) {
    return (key, operation, operands) -> device.run(operation, operands);
  }
}
