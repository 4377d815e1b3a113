package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Softmax;
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
      long at = (long) Float.BYTES * row * o.columns();
      float max = max(scores, at, o.columns());
      float sum = exponentials(scores, at, max, o.columns(), probabilities, at);
      divide(probabilities, at, sum, o.columns());
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
