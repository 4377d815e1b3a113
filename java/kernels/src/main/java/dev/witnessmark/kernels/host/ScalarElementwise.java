package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import java.lang.foreign.MemorySegment;

/** Operations in which every value, or pair of values, stands alone. */
final class ScalarElementwise {

  private ScalarElementwise() {}

  static void add(Add o, MemorySegment a, MemorySegment b, MemorySegment results) {
    for (long i = 0; i < o.elements(); i++) {
      Values.setF32(results, i, Values.f32(a, i) + Values.f32(b, i));
    }
  }

  static void addBias(
      AddBias o, MemorySegment activations, MemorySegment bias, MemorySegment results) {
    for (int row = 0; row < o.rows(); row++) {
      long first = (long) row * o.columns();
      for (int i = 0; i < o.columns(); i++) {
        float sum = Values.f32(activations, first + i) + Values.f32(bias, i);
        Values.setF32(results, first + i, sum);
      }
    }
  }

  static void silu(Silu o, MemorySegment gate, MemorySegment results) {
    for (long i = 0; i < o.elements(); i++) {
      Values.setF32(results, i, Numerics.silu(Values.f32(gate, i)));
    }
  }

  static void gatedSilu(GatedSilu o, MemorySegment gate, MemorySegment up, MemorySegment results) {
    for (long i = 0; i < o.elements(); i++) {
      Values.setF32(results, i, Numerics.silu(Values.f32(gate, i)) * Values.f32(up, i));
    }
  }

  static void rotary(
      Rotary o, MemorySegment activations, MemorySegment table, MemorySegment results) {
    int half = o.rotated() / 2;
    boolean interleaved = o.layout() == Rotary.Layout.INTERLEAVED;
    for (int position = 0; position < o.positions(); position++) {
      for (int head = 0; head < o.heads(); head++) {
        long first = ((long) position * o.heads() + head) * o.headSize();
        for (int i = 0; i < half; i++) {
          float c = Values.f32(table, (long) position * o.rotated() + 2L * i);
          float s = Values.f32(table, (long) position * o.rotated() + 2L * i + 1);
          long at0 = first + (interleaved ? 2 * i : i);
          long at1 = first + (interleaved ? 2 * i + 1 : i + half);
          float x0 = Values.f32(activations, at0);
          float x1 = Values.f32(activations, at1);
          Values.setF32(results, at0, Math.fma(x0, c, -(x1 * s)));
          Values.setF32(results, at1, Math.fma(x0, s, x1 * c));
        }
        for (int i = o.rotated(); i < o.headSize(); i++) {
          Values.setF32(results, first + i, Values.f32(activations, first + i));
        }
      }
    }
  }
}
