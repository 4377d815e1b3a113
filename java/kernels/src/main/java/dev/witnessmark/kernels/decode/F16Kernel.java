package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * F16 to float32; {@link VectorPlainDecoder.Kernel}. Processors have an instruction for this, which
 * the Vector API does not reach, but the compiler does, in a loop that writes to an array.
 */
final class F16Kernel {

  private static final int STRETCH = 4096;

  private final float[] floats = new float[STRETCH];

  int decode(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    for (int start = 0; start < elements; start += STRETCH) {
      int count = Math.min(STRETCH, elements - start);
      widen(stored, at + 2L * start, floats, count);
      MemorySegment.copy(
          floats, 0, values, ValueLayout.JAVA_FLOAT_UNALIGNED, valuesAt + 4L * start, count);
    }
    return elements;
  }

  private static void widen(MemorySegment stored, long at, float[] floats, int elements) {
    for (int i = 0; i < elements; i++) {
      floats[i] = Float.float16ToFloat(stored.get(Stored.SHORT, at + 2L * i));
    }
  }
}
