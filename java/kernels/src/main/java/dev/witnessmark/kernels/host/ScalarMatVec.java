package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.BlockFormula;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.numerics.FloatLanes;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Matrix times vectors, on both paths. */
final class ScalarMatVec {

  private static final int Q8_K_CODES = 4;
  private static final int Q8_K_SUMS = 260;
  private static final int Q8_K_SUM_ELEMENTS = 16;
  private static final int Q8_0_CODES = 2;

  private ScalarMatVec() {}

  static void q8(
      MatVecQ8 o, MemorySegment weights, MemorySegment activations, MemorySegment results) {
    BlockFormula formula = new BlockFormula(o.type());
    FloatLanes lanes = FloatLanes.of8();
    int blocks = o.columns() / o.type().blockElements();
    for (int column = 0; column < o.batch(); column++) {
      for (int row = 0; row < o.rows(); row++) {
        lanes.clear();
        for (int b = 0; b < blocks; b++) {
          long w = ((long) row * blocks + b) * o.type().blockBytes();
          long x = ((long) column * blocks + b) * o.activationType().blockBytes();
          lanes.add(
              b,
              o.activationType() == TensorType.Q8_K
                  ? superBlockTerm(formula, weights, w, activations, x)
                  : blockTerm(formula, weights, w, activations, x));
        }
        Values.setF32(results, (long) column * o.rows() + row, lanes.total());
      }
    }
  }

  /** The term of a super-block of 256 weights with integer scales. */
  private static float superBlockTerm(
      BlockFormula formula, MemorySegment weights, long w, MemorySegment activations, long x) {
    int products = 0;
    for (int e = 0; e < TensorType.Q8_K.blockElements(); e++) {
      products +=
          formula.scaleCode(weights, w, e)
              * formula.code(weights, w, e)
              * Values.i8At(activations, x + Q8_K_CODES + e);
    }
    float scale = Values.f32At(activations, x);
    float u = formula.blockScale(weights, w) * scale;
    if (!formula.hasOffset()) {
      return u * products;
    }
    int minima = 0;
    for (int e = 0; e < TensorType.Q8_K.blockElements(); e += Q8_K_SUM_ELEMENTS) {
      int sum = Values.i16At(activations, x + Q8_K_SUMS + e / Q8_K_SUM_ELEMENTS * 2L);
      minima += formula.minimumCode(weights, w, e) * sum;
    }
    float v = formula.blockMinimum(weights, w) * scale;
    return Math.fma(u, products, -(v * minima));
  }

  /** The term of a block of 32 weights with one scale and perhaps one offset. */
  private static float blockTerm(
      BlockFormula formula, MemorySegment weights, long w, MemorySegment activations, long x) {
    int products = 0;
    int sum = 0;
    for (int e = 0; e < TensorType.Q8_0.blockElements(); e++) {
      int q = Values.i8At(activations, x + Q8_0_CODES + e);
      products += formula.code(weights, w, e) * q;
      sum += q;
    }
    float scale = Values.f16At(activations, x);
    float u = formula.scale(weights, w, 0) * scale;
    if (!formula.hasOffset()) {
      return u * products;
    }
    float v = formula.offset(weights, w, 0) * scale;
    return Math.fma(u, products, v * sum);
  }

  static void f32(
      MatVecF32 o, MemorySegment weights, MemorySegment activations, MemorySegment results) {
    Decoder decoder = Decoders.scalar(o.type());
    FloatLanes lanes = FloatLanes.of256();
    long rowBytes = o.type().bytes(o.columns());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment decoded = arena.allocate((long) o.columns() * Float.BYTES);
      for (int row = 0; row < o.rows(); row++) {
        decoder.decode(weights, row * rowBytes, decoded, 0, o.columns());
        for (int column = 0; column < o.batch(); column++) {
          lanes.clear();
          for (int i = 0; i < o.columns(); i++) {
            float x = Values.f32(activations, (long) column * o.columns() + i);
            lanes.addProduct(i, Values.f32(decoded, i), x);
          }
          Values.setF32(results, (long) column * o.rows() + row, lanes.total());
        }
      }
    }
  }
}
