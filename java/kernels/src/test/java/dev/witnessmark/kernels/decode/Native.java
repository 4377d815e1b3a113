package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Arrays through native memory, flush against its end, so that no byte beyond can be touched. */
final class Native {

  private Native() {}

  /** The values of {@code elements} elements stored in {@code bytes}. */
  static float[] decode(Decoder decoder, byte[] bytes, int elements) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      MemorySegment values = arena.allocate(4L * elements, 1);
      decoder.decode(stored, 0, values, 0, elements);
      return values.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
  }

  /** All values stored in {@code bytes}. */
  static float[] decode(Decoder decoder, byte[] bytes) {
    TensorType type = decoder.type();
    return decode(decoder, bytes, bytes.length / type.blockBytes() * type.blockElements());
  }

  /** The bounds of all values stored in {@code bytes}. */
  static float[] bounds(Decoder decoder, byte[] bytes) {
    TensorType type = decoder.type();
    int elements = bytes.length / type.blockBytes() * type.blockElements();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      MemorySegment values = arena.allocate(4L * elements, 1);
      MemorySegment bounds = arena.allocate(4L * elements, 1);
      decoder.decode(stored, 0, values, 0, elements);
      decoder.bounds(stored, 0, values, 0, bounds, 0, elements);
      return bounds.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
  }

  /** Little-endian bytes as floats. */
  static float[] floats(byte[] bytes) {
    float[] floats = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }

  /** Bits of the values, every NaN as the same one. */
  static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
