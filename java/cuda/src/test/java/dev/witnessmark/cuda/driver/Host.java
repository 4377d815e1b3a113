package dev.witnessmark.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Floats in host memory. */
final class Host {

  private Host() {}

  /** 0, 1, 2, ... */
  static MemorySegment counting(Arena arena, int count) {
    MemorySegment segment = arena.allocate(count * 4L, 4);
    for (int i = 0; i < count; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
    }
    return segment;
  }

  static float[] floats(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_FLOAT);
  }

  /** {@code factor * i + addend} for i from 0. */
  static float[] affine(int count, float factor, float addend) {
    float[] expected = new float[count];
    for (int i = 0; i < count; i++) {
      expected[i] = factor * i + addend;
    }
    return expected;
  }
}
