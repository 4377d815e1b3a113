package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.TopK;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The largest values of rows. Zeros of either sign are equal; a row with a NaN has no largest. */
final class VectorSelection {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final int NONE = -1;

  /** Indices of the largest so far, in order. */
  private final int[] kept = new int[TopK.MOST];

  static void argMax(ArgMax o, MemorySegment values, MemorySegment indices) {
    for (int row = 0; row < o.rows(); row++) {
      long at = (long) Float.BYTES * row * o.columns();
      float max = VectorRows.max(values, at, o.columns());
      Values.setI32(indices, row, Float.isNaN(max) ? NONE : indexOf(max, values, at, o.columns()));
    }
  }

  /** The first index of a value that is there. */
  private static int indexOf(float value, MemorySegment values, long at, int columns) {
    int i = 0;
    for (; i <= columns - FLOATS.length(); i += FLOATS.length()) {
      long equal =
          FloatVector.fromMemorySegment(FLOATS, values, at + 4L * i, LITTLE)
              .compare(VectorOperators.EQ, value)
              .toLong();
      if (equal != 0) {
        return i + Long.numberOfTrailingZeros(equal);
      }
    }
    while (Values.f32At(values, at + 4L * i) != value) {
      i++;
    }
    return i;
  }

  void topK(TopK o, MemorySegment values, MemorySegment largest, MemorySegment indices) {
    for (int row = 0; row < o.rows(); row++) {
      long at = (long) Float.BYTES * row * o.columns();
      boolean ordered = keepLargest(o, values, at);
      for (int place = 0; place < o.k(); place++) {
        long to = (long) row * o.k() + place;
        float value = ordered ? Values.f32At(values, at + 4L * kept[place]) : Numerics.NAN;
        Values.setF32(largest, to, value);
        Values.setI32(indices, to, ordered ? kept[place] : NONE);
      }
    }
  }

  /** Inserts what is larger than the last one kept; false if there is a NaN. */
  private boolean keepLargest(TopK o, MemorySegment values, long at) {
    for (int i = 0; i < o.k(); i++) {
      if (!insert(values, at, i, i)) {
        return false;
      }
    }
    for (int i = o.k(); i < o.columns(); i++) {
      float least = Values.f32At(values, at + 4L * kept[o.k() - 1]);
      i = firstNotBelow(least, values, at, i, o.columns());
      if (i < o.columns() && !insert(values, at, i, o.k())) {
        return false;
      }
    }
    return true;
  }

  /** Index from {@code from} on of the first value that is NaN or larger; the end if none is. */
  private static int firstNotBelow(
      float least, MemorySegment values, long at, int from, int columns) {
    int i = from;
    for (; i <= columns - FLOATS.length(); i += FLOATS.length()) {
      long others =
          FloatVector.fromMemorySegment(FLOATS, values, at + 4L * i, LITTLE)
              .compare(VectorOperators.LE, least)
              .not()
              .toLong();
      if (others != 0) {
        return i + Long.numberOfTrailingZeros(others);
      }
    }
    while (i < columns && Values.f32At(values, at + 4L * i) <= least) {
      i++;
    }
    return i;
  }

  /** Puts element {@code i} among the {@code count} kept ones; false if it is NaN. */
  private boolean insert(MemorySegment values, long at, int i, int count) {
    float value = Values.f32At(values, at + 4L * i);
    if (Float.isNaN(value)) {
      return false;
    }
    int place = count;
    while (place > 0 && value > Values.f32At(values, at + 4L * kept[place - 1])) {
      place--;
    }
    if (place < kept.length) {
      System.arraycopy(kept, place, kept, place + 1, Math.min(count, kept.length - 1) - place);
      kept[place] = i;
    }
    return true;
  }
}
