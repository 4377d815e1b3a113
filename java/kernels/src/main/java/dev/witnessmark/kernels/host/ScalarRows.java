package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.numerics.FloatLanes;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.WeightedSum;
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
      softmax(scores, (long) row * o.columns(), o.columns(), probabilities, lanes);
    }
  }

  static void causalSoftmax(CausalSoftmax o, MemorySegment scores, MemorySegment probabilities) {
    FloatLanes lanes = FloatLanes.of256();
    for (int head = 0; head < o.heads(); head++) {
      for (int query = 0; query < o.queries(); query++) {
        long first = ((long) head * o.queries() + query) * o.cached();
        int visible = o.mask().visible(query);
        softmax(scores, first, visible, probabilities, lanes);
        for (int i = visible; i < o.cached(); i++) {
          Values.setF32(probabilities, first + i, 0);
        }
      }
    }
  }

  private static void softmax(
      MemorySegment scores,
      long first,
      int columns,
      MemorySegment probabilities,
      FloatLanes lanes) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < columns; i++) {
      max = Numerics.max(max, Values.f32(scores, first + i));
    }
    lanes.clear();
    for (int i = 0; i < columns; i++) {
      float p = Numerics.exp(Values.f32(scores, first + i) - max);
      Values.setF32(probabilities, first + i, p);
      lanes.add(i, p);
    }
    float sum = lanes.total();
    for (int i = 0; i < columns; i++) {
      Values.setF32(probabilities, first + i, Values.f32(probabilities, first + i) / sum);
    }
  }

  static void weightedSum(
      WeightedSum o, MemorySegment parts, MemorySegment weights, MemorySegment results) {
    for (int token = 0; token < o.tokens(); token++) {
      for (int i = 0; i < o.columns(); i++) {
        float sum = 0;
        for (int j = 0; j < o.used(); j++) {
          long part = (long) token * o.used() + j;
          sum = Math.fma(Values.f32(weights, part), Values.f32(parts, part * o.columns() + i), sum);
        }
        Values.setF32(results, (long) token * o.columns() + i, sum);
      }
    }
  }

  static void crushedBlocks(CrushedBlocks o, MemorySegment activations, MemorySegment ratios) {
    for (int row = 0; row < o.rows(); row++) {
      float most = 0;
      for (int block = 0; block < o.columns() / o.block(); block++) {
        long first = (long) row * o.columns() + (long) block * o.block();
        most = Numerics.max(most, crushed(activations, first, o.block()));
      }
      Values.setF32(ratios, row, most);
    }
  }

  /** The largest magnitude over the second-largest. */
  private static float crushed(MemorySegment activations, long first, int elements) {
    float largest = 0;
    float second = 0;
    for (int i = 0; i < elements; i++) {
      float magnitude = Math.abs(Values.f32(activations, first + i));
      second = Math.max(second, Math.min(largest, magnitude));
      largest = Math.max(largest, magnitude);
    }
    return largest == 0 ? 0 : largest / second;
  }
}
