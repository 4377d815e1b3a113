package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.TopK;
import java.lang.foreign.MemorySegment;

/** The largest values of rows. Zeros of either sign are equal; a row with a NaN has no largest. */
final class ScalarSelection {

  private static final int NONE = -1;

  private ScalarSelection() {}

  static void argMax(ArgMax o, MemorySegment values, MemorySegment indices) {
    for (int row = 0; row < o.rows(); row++) {
      long first = (long) row * o.columns();
      int best = 0;
      for (int i = 0; i < o.columns() && best != NONE; i++) {
        float value = Values.f32(values, first + i);
        if (Float.isNaN(value)) {
          best = NONE;
        } else if (value > Values.f32(values, first + best)) {
          best = i;
        }
      }
      Values.setI32(indices, row, best);
    }
  }

  static void topK(TopK o, MemorySegment values, MemorySegment largest, MemorySegment indices) {
    int[] kept = new int[o.k()];
    for (int row = 0; row < o.rows(); row++) {
      long first = (long) row * o.columns();
      boolean ordered = keepLargest(o, values, first, kept);
      for (int place = 0; place < o.k(); place++) {
        long to = (long) row * o.k() + place;
        float value = ordered ? Values.f32(values, first + kept[place]) : Numerics.NAN;
        Values.setF32(largest, to, value);
        Values.setI32(indices, to, ordered ? kept[place] : NONE);
      }
    }
  }

  /** Inserts every element into the sorted places; false if one is NaN. */
  private static boolean keepLargest(TopK o, MemorySegment values, long first, int[] kept) {
    int count = 0;
    for (int i = 0; i < o.columns(); i++) {
      float value = Values.f32(values, first + i);
      if (Float.isNaN(value)) {
        return false;
      }
      int place = count;
      while (place > 0 && value > Values.f32(values, first + kept[place - 1])) {
        if (place < kept.length) {
          kept[place] = kept[place - 1];
        }
        place--;
      }
      if (place < kept.length) {
        kept[place] = i;
        count = Math.min(count + 1, kept.length);
      }
    }
    return true;
  }
}
