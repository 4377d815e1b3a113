package dev.witnessmark.falsify.model;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Computes a product on both paths from the same activations, and holds the difference against what
 * their rounding explains.
 *
 * <p>An activation that is rounded to a multiple of d is off by a number drawn evenly from ±d/2,
 * whose variance is d²/12. A result is off by their sum with the weights as factors: σ² = Σ over
 * blocks of d²/12·‖w‖².
 *
 * @param <M> memory of the device
 */
final class ProductNoise<M> {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Weights that are decoded at a time. */
  private static final int CHUNK = 1 << 20;

  /** What the broken kernel skips, the last ones of every block. */
  private static final int SKIPPED = 16;

  private final Device<M> device;

  ProductNoise(Device<M> device) {
    this.device = device;
  }

  /** Adds the results of {@code product} to {@code sums}; {@code f32} are its own. */
  void add(MatVecF32 product, M weights, M activations, M f32, NoiseSums sums) {
    MatVecQ8 fused =
        new MatVecQ8(product.type(), product.rows(), product.columns(), product.batch());
    TensorType blockType = fused.activationType();
    try (Pool<M> pool = device.pool();
        Arena arena = Arena.ofConfined()) {
      M blocks = pool.allocate(fused.operands().get(1).bytes());
      M results = pool.allocate(fused.operands().getLast().bytes());
      device.run(
          new QuantiseActivations(blockType, product.batch(), product.columns()),
          List.of(activations, blocks));
      device.run(fused, List.of(weights, blocks, results));
      float[] precise = floats(f32);
      float[] quantised = floats(results);

      MemorySegment stored = arena.allocate(device.bytes(blocks));
      device.download(blocks, stored);
      double[] variances = variances(stored, blockType);
      skip(stored, blockType);
      device.upload(stored, blocks);
      device.run(fused, List.of(weights, blocks, results));
      float[] broken = floats(results);

      int perRow = product.columns() / blockType.blockElements();
      double[] norms = norms(product, weights, pool);
      for (int vector = 0; vector < product.batch(); vector++) {
        for (int row = 0; row < product.rows(); row++) {
          double variance = 0;
          for (int block = 0; block < perRow; block++) {
            variance += variances[vector * perRow + block] * norms[row * perRow + block];
          }
          int at = vector * product.rows() + row;
          sums.add(precise[at], quantised[at], broken[at], variance);
        }
      }
      crushed(product, blockType, activations, pool, sums);
    }
  }

  private void crushed(
      MatVecF32 product, TensorType blockType, M activations, Pool<M> pool, NoiseSums sums) {
    M ratios = pool.allocate((long) product.batch() * Float.BYTES);
    device.run(
        new CrushedBlocks(product.batch(), product.columns(), blockType.blockElements()),
        List.of(activations, ratios));
    for (float ratio : floats(ratios)) {
      sums.addRow(ratio >= CrushedBlocks.LIMIT);
    }
  }

  /** d²/12 of every block. */
  private static double[] variances(MemorySegment blocks, TensorType type) {
    double[] variances = new double[(int) (blocks.byteSize() / type.blockBytes())];
    for (int block = 0; block < variances.length; block++) {
      long at = (long) block * type.blockBytes();
      double d =
          type == TensorType.Q8_K
              ? blocks.get(FLOAT, at)
              : Float.float16ToFloat(blocks.get(SHORT, at));
      variances[block] = d * d / 12;
    }
    return variances;
  }

  /** Makes the last codes of every block 0, and of Q8_K their sum too. */
  private static void skip(MemorySegment blocks, TensorType type) {
    boolean sums = type == TensorType.Q8_K;
    int codesAt = sums ? Float.BYTES : Short.BYTES;
    for (long at = 0; at < blocks.byteSize(); at += type.blockBytes()) {
      long end = at + codesAt + type.blockElements();
      blocks.asSlice(end - SKIPPED, SKIPPED).fill((byte) 0);
      if (sums) {
        blocks.set(SHORT, at + type.blockBytes() - Short.BYTES, (short) 0);
      }
    }
  }

  /** ‖w‖² of every part of a row that meets one block of activations. */
  private double[] norms(MatVecF32 product, M weights, Pool<M> pool) {
    TensorType type = product.type();
    int block = new MatVecQ8(type, 0, product.columns(), 1).activationType().blockElements();
    long elements = (long) product.rows() * product.columns();
    double[] norms = new double[Math.toIntExact(elements / block)];
    M values = pool.allocate(Math.min(CHUNK, elements) * Float.BYTES);
    for (long from = 0; from < elements; from += CHUNK) {
      long count = Math.min(CHUNK, elements - from);
      M decoded = device.slice(values, 0, count * Float.BYTES);
      device.run(
          new Dequantise(type, count),
          List.of(device.slice(weights, type.bytes(from), type.bytes(count)), decoded));
      float[] w = floats(decoded);
      int first = (int) (from / block);
      for (int i = 0; i < w.length; i++) {
        norms[first + i / block] += (double) w[i] * w[i];
      }
    }
    return norms;
  }

  private float[] floats(M memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(device.bytes(memory), Float.BYTES);
      device.download(memory, values);
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
