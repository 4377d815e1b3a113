package dev.witnessmark.kernels.conformance;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.numerics.RotaryTable;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.RoundingBounds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Operands for an operation, the same ones for the same operation and pattern. */
public final class Inputs {

  /** What an output holds before it is written. */
  private static final byte POISON = (byte) 0xa5;

  private static final long ALIGNMENT = 256;

  private final Pattern pattern;
  private final RandomGenerator random;
  private final Arena arena;

  private Inputs(Operation operation, Pattern pattern, Arena arena) {
    this.pattern = pattern;
    this.random =
        RandomGeneratorFactory.of("L64X128MixRandom")
            .create((operation + " " + pattern).hashCode());
    this.arena = arena;
  }

  /**
   * All operands of {@code operation}, in order: inputs filled by {@code pattern}, outputs filled
   * with poison.
   */
  public static List<MemorySegment> of(Operation operation, Pattern pattern, Arena arena) {
    return new Inputs(operation, pattern, arena).operands(operation);
  }

  private List<MemorySegment> operands(Operation operation) {
    List<MemorySegment> filled = new ArrayList<>();
    for (Operand operand : operation.operands()) {
      MemorySegment memory = arena.allocate(operand.bytes(), ALIGNMENT);
      if (operand.direction() == Operand.Direction.OUT) {
        memory.fill(POISON);
      } else {
        fill(operation, operand, memory);
      }
      filled.add(memory);
    }
    return filled;
  }

  private void fill(Operation operation, Operand operand, MemorySegment memory) {
    switch (operand.element()) {
      case FLOAT32 -> {
        if (operation instanceof Rotary rotary && operand.name().equals("table")) {
          rotaryTable(rotary, memory);
        } else {
          new StoredNumbers(TensorType.F32, pattern, random).fill(memory);
        }
      }
      case FLOAT16 -> new StoredNumbers(TensorType.F16, pattern, random).fill(memory);
      case INT32 -> tokens(((Gather) operation).rows(), memory);
      case BYTE -> stored(operation, operand, memory);
      case INT16, INT64 -> throw new AssertionError(operand);
    }
  }

  private void stored(Operation operation, Operand operand, MemorySegment memory) {
    switch (operation) {
      case MatVecQ8 o when operand.name().equals("activations") -> quantised(o, memory);
      case MatVecQ8 o -> new StoredNumbers(o.type(), pattern, random).fill(memory);
      case MatVecF32 o -> new StoredNumbers(o.type(), pattern, random).fill(memory);
      case Dequantise o -> new StoredNumbers(o.type(), pattern, random).fill(memory);
      case RoundingBounds o -> new StoredNumbers(o.type(), pattern, random).fill(memory);
      case Gather o -> new StoredNumbers(o.type(), pattern, random).fill(memory);
      case Base17 o -> new StoredNumbers(o.type(), pattern, random).fill(memory);
      default -> throw new AssertionError(operation);
    }
  }

  private void quantised(MatVecQ8 o, MemorySegment memory) {
    QuantiseActivations quantise =
        new QuantiseActivations(o.activationType(), o.batch(), o.columns());
    List<MemorySegment> operands = of(quantise, pattern, arena);
    HostDevice.scalar().run(quantise, operands);
    memory.copyFrom(operands.getLast());
  }

  private void rotaryTable(Rotary o, MemorySegment memory) {
    int[] positions = random.ints(o.positions(), 0, 1 << 17).toArray();
    float[] table = RotaryTable.of(positions, o.rotated(), 10_000);
    memory.copyFrom(MemorySegment.ofArray(table));
  }

  /** Rows of the table, and some outside of it. */
  private void tokens(int rows, MemorySegment memory) {
    int[] tokens = random.ints(memory.byteSize() / Integer.BYTES, 0, rows).toArray();
    if (pattern == Pattern.NON_FINITE) {
      int[] outside = {-1, rows, Integer.MIN_VALUE, Integer.MAX_VALUE};
      for (int i = 0; i < Math.min(outside.length, tokens.length); i++) {
        tokens[i] = outside[i];
      }
    }
    memory.copyFrom(MemorySegment.ofArray(tokens));
  }
}
