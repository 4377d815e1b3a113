package dev.witnessmark.compare.matrix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Float32 values as float64. */
final class Widened {

  private Widened() {}

  /** Writes {@code count} float32 {@code values} as float64 to {@code wide}; the written part. */
  static MemorySegment of(MemorySegment values, int count, MemorySegment wide) {
    for (int i = 0; i < count; i++) {
      wide.setAtIndex(ValueLayout.JAVA_DOUBLE, i, values.getAtIndex(ValueLayout.JAVA_FLOAT, i));
    }
    return wide.asSlice(0, count * (long) Double.BYTES);
  }
}
