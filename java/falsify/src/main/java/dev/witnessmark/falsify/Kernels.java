package dev.witnessmark.falsify;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.verdict.CouldNotCompare;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The program's own kernels on a device, for the small arrays of the experiments. Every method
 * refuses if the device lacks a kernel: nothing runs in its place.
 */
public final class Kernels {

  private final Runner runner;
  private final String name;

  private Kernels(Runner runner, String name) {
    this.runner = runner;
    this.name = name;
  }

  /** Runs an operation whose last operand is its only result. */
  private interface Runner {
    MemorySegment run(Operation operation, List<MemorySegment> inputs, Arena arena)
        throws CouldNotCompare;
  }

  /** The kernels of {@code device}, which stays open. */
  public static <M> Kernels of(Device<M> device) {
    return new Kernels(
        (operation, inputs, arena) -> {
          if (!device.supports(operation, Arithmetic.CANONICAL)) {
            throw new CouldNotCompare(
                "%s has no kernel %s".formatted(device.name(), operation.kernelName()));
          }
          try (Pool<M> pool = device.pool()) {
            List<M> operands = new ArrayList<>();
            for (MemorySegment input : inputs) {
              M memory = pool.allocate(input.byteSize());
              device.upload(input, memory);
              operands.add(memory);
            }
            long bytes = operation.operands().getLast().bytes();
            operands.add(pool.allocate(bytes));
            device.run(operation, operands);
            MemorySegment result = arena.allocate(bytes);
            device.download(operands.getLast(), result);
            return result;
          }
        },
        device.name());
  }

  /** What computes, for example {@code cpu vector-512}. */
  public String name() {
    return name;
  }

  /** Decodes blocks. */
  public float[] dequantised(TensorType type, byte[] stored) throws CouldNotCompare {
    try (Arena arena = Arena.ofConfined()) {
      long elements = stored.length / type.bytes(type.blockElements()) * type.blockElements();
      return floats(
          runner.run(new Dequantise(type, elements), List.of(copy(stored, arena)), arena));
    }
  }

  /**
   * Path {@code f32}: products with float32 activations.
   *
   * @param weights [rows, columns] as stored
   * @param x [batch, columns]
   * @return [batch, rows]
   */
  public float[] f32(TensorType type, int rows, int columns, byte[] weights, float[] x)
      throws CouldNotCompare {
    try (Arena arena = Arena.ofConfined()) {
      return floats(
          runner.run(
              new MatVecF32(type, rows, columns, x.length / columns),
              List.of(copy(weights, arena), copy(x, arena)),
              arena));
    }
  }

  /** The same with float32 weights. */
  public float[] f32(int rows, int columns, float[] weights, float[] x) throws CouldNotCompare {
    try (Arena arena = Arena.ofConfined()) {
      return floats(
          runner.run(
              new MatVecF32(TensorType.F32, rows, columns, x.length / columns),
              List.of(copy(weights, arena), copy(x, arena)),
              arena));
    }
  }

  /** Path {@code q8}: the same products with activations that are quantised first. */
  public float[] q8(TensorType type, int rows, int columns, byte[] weights, float[] x)
      throws CouldNotCompare {
    int batch = x.length / columns;
    MatVecQ8 product = new MatVecQ8(type, rows, columns, batch);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment quantised =
          runner.run(
              new QuantiseActivations(product.activationType(), batch, columns),
              List.of(copy(x, arena)),
              arena);
      return floats(runner.run(product, List.of(copy(weights, arena), quantised), arena));
    }
  }

  /** Rows scaled to a root mean square of one. */
  public float[] normalised(int columns, float[] x, float epsilon) throws CouldNotCompare {
    float[] ones = new float[columns];
    Arrays.fill(ones, 1);
    try (Arena arena = Arena.ofConfined()) {
      return floats(
          runner.run(
              new RmsNorm(x.length / columns, columns, epsilon),
              List.of(copy(x, arena), copy(ones, arena)),
              arena));
    }
  }

  /** Softmax of rows. */
  public float[] softmax(int columns, float[] scores) throws CouldNotCompare {
    try (Arena arena = Arena.ofConfined()) {
      return floats(
          runner.run(
              new Softmax(scores.length / columns, columns), List.of(copy(scores, arena)), arena));
    }
  }

  /** Heads of one position each, rotated; pairs are half a head apart. */
  public float[] rotated(int headSize, float[] heads, float[] table) throws CouldNotCompare {
    try (Arena arena = Arena.ofConfined()) {
      return floats(
          runner.run(
              new Rotary(Rotary.Layout.NEOX, heads.length / headSize, 1, headSize, headSize),
              List.of(copy(heads, arena), copy(table, arena)),
              arena));
    }
  }

  private static MemorySegment copy(byte[] bytes, Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  private static MemorySegment copy(float[] values, Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
  }

  private static float[] floats(MemorySegment memory) {
    return memory.toArray(ValueLayout.JAVA_FLOAT);
  }
}
