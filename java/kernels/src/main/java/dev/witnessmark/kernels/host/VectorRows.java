package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Operations in which a row's values depend on all of the row. */
final class VectorRows {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  private final MemorySegment lanes = Scratch.allocate(WideLanes.BYTES);
  private final VectorExp exp;

  VectorRows(VectorExp exp) {
    this.exp = exp;
  }

  void rmsNorm(RmsNorm o, MemorySegment activations, MemorySegment weights, MemorySegment results) {
    for (int row = 0; row < o.rows(); row++) {
      long at = (long) Float.BYTES * row * o.columns();
      lanes.fill((byte) 0);
      WideLanes.addProducts(activations, at, activations, at, o.columns(), lanes, 0);
      float total = WideLanes.total(lanes, 0);
      float r = 1 / (float) Math.sqrt(total / o.columns() + o.epsilon());
      scale(activations, at, r, weights, o.columns(), results);
    }
  }

  /** {@code results[i] = (x[i] · r) · weights[i]}. */
  private static void scale(
      MemorySegment x,
      long at,
      float r,
      MemorySegment weights,
      int columns,
      MemorySegment results) {
    int whole = FLOATS.loopBound(columns);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, x, at + 4L * i, LITTLE)
          .mul(r)
          .mul(FloatVector.fromMemorySegment(FLOATS, weights, 4L * i, LITTLE))
          .intoMemorySegment(results, at + 4L * i, LITTLE);
    }
    for (int i = whole; i < columns; i++) {
      float normalised = Values.f32At(x, at + 4L * i) * r;
      Values.setF32At(results, at + 4L * i, normalised * Values.f32At(weights, 4L * i));
    }
  }

  void softmax(Softmax o, MemorySegment scores, MemorySegment probabilities) {
    for (int row = 0; row < o.rows(); row++) {
      softmax(scores, (long) Float.BYTES * row * o.columns(), o.columns(), probabilities);
    }
  }

  void causalSoftmax(CausalSoftmax o, MemorySegment scores, MemorySegment probabilities) {
    for (int head = 0; head < o.heads(); head++) {
      for (int query = 0; query < o.queries(); query++) {
        long at = Float.BYTES * ((long) head * o.queries() + query) * o.cached();
        int visible = o.mask().visible(query);
        softmax(scores, at, visible, probabilities);
        zero(probabilities, at, visible, o.cached());
      }
    }
  }

  private void softmax(MemorySegment scores, long at, int columns, MemorySegment probabilities) {
    float max = max(scores, at, columns);
    float sum = exponentials(scores, at, max, columns, probabilities, at);
    divide(probabilities, at, sum, columns);
  }

  /** Sets the elements {@code from} to {@code to} of the row at {@code at} to +0. */
  static void zero(MemorySegment values, long at, int from, int to) {
    int i = from;
    for (; i <= to - FLOATS.length(); i += FLOATS.length()) {
      FloatVector.zero(FLOATS).intoMemorySegment(values, at + 4L * i, LITTLE);
    }
    for (; i < to; i++) {
      Values.setF32At(values, at + 4L * i, 0);
    }
  }

  static void weightedSum(
      WeightedSum o, MemorySegment parts, MemorySegment weights, MemorySegment results) {
    long rowBytes = (long) Float.BYTES * o.columns();
    int whole = FLOATS.loopBound(o.columns());
    for (int token = 0; token < o.tokens(); token++) {
      long first = (long) token * o.used();
      for (int i = 0; i < whole; i += FLOATS.length()) {
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int j = 0; j < o.used(); j++) {
          long at = (first + j) * rowBytes + 4L * i;
          sum =
              FloatVector.fromMemorySegment(FLOATS, parts, at, LITTLE)
                  .fma(FloatVector.broadcast(FLOATS, Values.f32(weights, first + j)), sum);
        }
        sum.intoMemorySegment(results, token * rowBytes + 4L * i, LITTLE);
      }
      for (int i = whole; i < o.columns(); i++) {
        float sum = 0;
        for (int j = 0; j < o.used(); j++) {
          float part = Values.f32At(parts, (first + j) * rowBytes + 4L * i);
          sum = Math.fma(Values.f32(weights, first + j), part, sum);
        }
        Values.setF32At(results, token * rowBytes + 4L * i, sum);
      }
    }
  }

  /** Writes exp(x − max) and returns their sum256. */
  float exponentials(
      MemorySegment x, long at, float max, int columns, MemorySegment to, long toAt) {
    exp.apply(x, at, 1, max, columns, to, toAt);
    lanes.fill((byte) 0);
    WideLanes.add(to, toAt, columns, lanes, 0);
    return WideLanes.total(lanes, 0);
  }

  /** The largest; NaN if any is. */
  static float max(MemorySegment x, long at, int columns) {
    float max = Float.NEGATIVE_INFINITY;
    int whole = FLOATS.loopBound(columns);
    if (whole > 0) {
      max = maxOfVectors(x, at, whole);
    }
    for (int i = whole; i < columns; i++) {
      max = Numerics.max(max, Values.f32At(x, at + 4L * i));
    }
    return max;
  }

  private static float maxOfVectors(MemorySegment x, long at, int columns) {
    FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < columns; i += FLOATS.length()) {
      max = max.max(FloatVector.fromMemorySegment(FLOATS, x, at + 4L * i, LITTLE));
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  private static void divide(MemorySegment values, long at, float divisor, int columns) {
    int whole = FLOATS.loopBound(columns);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, values, at + 4L * i, LITTLE)
          .div(divisor)
          .intoMemorySegment(values, at + 4L * i, LITTLE);
    }
    for (int i = whole; i < columns; i++) {
      Values.setF32At(values, at + 4L * i, Values.f32At(values, at + 4L * i) / divisor);
    }
  }
}
