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

/**
 * Sets of operands with the same content in different memory, used in turn.
 *
 * @param <M> memory of the device
 */
final class Rotation<M> {

  private final List<List<M>> sets = new ArrayList<>();
  private int next;

  /** Enough sets to fill {@code bytes}, at least one. */
  Rotation(Device<M> device, Pool<M> pool, Operation operation, long bytes) {
    long one = Math.max(1, operation.operands().stream().mapToLong(o -> o.bytes()).sum());
    long count = Math.max(1, Math.ceilDiv(bytes, one));
    try (Arena arena = Arena.ofConfined()) {
      List<M> first = new ArrayList<>();
      for (MemorySegment operand : Inputs.of(operation, Pattern.RANDOM, arena)) {
        M memory = pool.allocate(operand.byteSize());
        device.upload(operand, memory);
        first.add(memory);
      }
      sets.add(first);
    }
    for (long set = 1; set < count; set++) {
      List<M> copies = new ArrayList<>();
      for (M memory : sets.getFirst()) {
        M copy = pool.allocate(device.bytes(memory));
        device.copy(memory, copy);
        copies.add(copy);
      }
      sets.add(copies);
    }
  }

  /** The operands whose turn it is. */
  List<M> next() {
    List<M> operands = sets.get(next);
    next = (next + 1) % sets.size();
    return operands;
  }
}
