package dev.witnessmark.kernels.conformance;

import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Holds a device's canonical results against the scalar oracle's. */
public final class Conformance {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Conformance() {}

  /**
   * Runs {@code trial} on {@code device} and on the oracle; empty if all bits are equal. Two NaN
   * are equal whatever their bits: processors choose them differently, and no NaN says more than
   * another.
   */
  public static <M> Optional<Mismatch> check(Trial trial, Device<M> device) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(trial.operation(), trial.pattern(), arena);
      List<MemorySegment> actual = run(trial.operation(), device, operands, arena);
      HostDevice.scalar().run(trial.operation(), operands);
      List<Operand> described = trial.operation().operands();
      for (int i = 0; i < described.size(); i++) {
        Optional<Mismatch> found = compare(described.get(i), operands.get(i), actual.get(i));
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }
  }

  /** Runs {@code operation} on copies of {@code operands} and returns what they hold then. */
  public static <M> List<MemorySegment> run(
      Operation operation, Device<M> device, List<MemorySegment> operands, Arena arena) {
    return run(operation, Arithmetic.CANONICAL, device, operands, arena);
  }

  /** As {@link #run(Operation, Device, List, Arena)}, in {@code arithmetic}. */
  public static <M> List<MemorySegment> run(
      Operation operation,
      Arithmetic arithmetic,
      Device<M> device,
      List<MemorySegment> operands,
      Arena arena) {
    try (Pool<M> pool = device.pool()) {
      List<M> onDevice = new ArrayList<>();
      for (MemorySegment operand : operands) {
        M memory = pool.allocate(operand.byteSize());
        device.upload(operand, memory);
        onDevice.add(memory);
      }
      device.run(operation, arithmetic, onDevice);
      List<MemorySegment> results = new ArrayList<>();
      for (M memory : onDevice) {
        MemorySegment result = arena.allocate(device.bytes(memory));
        device.download(memory, result);
        results.add(result);
      }
      return results;
    }
  }

  /** The first element in which the two differ. */
  public static Optional<Mismatch> compare(
      Operand operand, MemorySegment expected, MemorySegment actual) {
    if (expected.mismatch(actual) < 0) {
      return Optional.empty();
    }
    Mismatch first = null;
    long differing = 0;
    for (long i = 0; i < operand.count(); i++) {
      long e = bits(operand, expected, i);
      long a = bits(operand, actual, i);
      if (e != a && !(isNaN(operand, e) && isNaN(operand, a))) {
        differing++;
        if (first == null) {
          first = new Mismatch(operand.name(), i, e, a, 0);
        }
      }
    }
    return first == null
        ? Optional.empty()
        : Optional.of(
            new Mismatch(
                operand.name(), first.index(), first.expected(), first.actual(), differing));
  }

  private static long bits(Operand operand, MemorySegment memory, long i) {
    long at = i * operand.element().bytes();
    return switch (operand.element()) {
      case BYTE -> memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
      case INT16, FLOAT16 -> memory.get(SHORT, at) & 0xffff;
      case INT32, FLOAT32 -> memory.get(INT, at) & 0xffff_ffffL;
      case INT64 -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
    };
  }

  private static boolean isNaN(Operand operand, long bits) {
    return switch (operand.element()) {
      case FLOAT32 -> Float.isNaN(Float.intBitsToFloat((int) bits));
      case FLOAT16 -> Float.isNaN(Float.float16ToFloat((short) bits));
      default -> false;
    };
  }
}
