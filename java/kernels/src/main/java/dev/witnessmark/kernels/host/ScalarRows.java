package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.numerics.FloatLanes;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Softmax;
import java.lang.foreign.MemorySegment;

/** Operations in which a row's values depend on all of the row. */
final class ScalarRows {

  private ScalarRows() {}

  static void rmsNorm(
      RmsNorm o, MemorySegment activations, MemorySegment weights, MemorySegment results) {
    FloatLanes lanes = FloatLanes.of256();
    for (int row = 0; row < o.rows(); row++) {
      long first = (long) row * o.columns();
      lanes.clear();
      for (int i = 0; i < o.columns(); i++) {
        float x = Values.f32(activations, first + i);
        lanes.addProduct(i, x, x);
      }
      float r = 1 / (float) Math.sqrt(lanes.total() / o.columns() + o.epsilon());
      for (int i = 0; i < o.columns(); i++) {
        float normalised = Values.f32(activations, first + i) * r;
        Values.setF32(results, first + i, normalised * Values.f32(weights, i));
      }
    }
  }

  static void softmax(Softmax o, MemorySegment scores, MemorySegment probabilities) {
    FloatLanes lanes = FloatLanes.of256();
    for (int row = 0; row < o.rows(); row++) {
      long first = (long) row * o.columns();
      float max = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < o.columns(); i++) {
        max = Numerics.max(max, Values.f32(scores, first + i));
      }
      lanes.clear();
      for (int i = 0; i < o.columns(); i++) {
        float p = Numerics.exp(Values.f32(scores, first + i) - max);
        Values.setF32(probabilities, first + i, p);
        lanes.add(i, p);
      }
      float sum = lanes.total();
      for (int i = 0; i < o.columns(); i++) {
        Values.setF32(probabilities, first + i, Values.f32(probabilities, first + i) / sum);
      }
    }
  }
}
