package dev.witnessmark.bench.measure;

import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Ordinary numbers for an operation, in memory of a device. */
final class Operands {

  private Operands() {}

  /** All operands of {@code operation}, in order, from {@code pool}. */
  static <M> List<M> of(Operation operation, Device<M> device, Pool<M> pool) {
    List<M> operands = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      for (MemorySegment operand : Inputs.of(operation, Pattern.RANDOM, arena)) {
        M memory = pool.allocate(operand.byteSize());
        device.upload(operand, memory);
        operands.add(memory);
      }
    }
    return operands;
  }
}
