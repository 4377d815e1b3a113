package dev.witnessmark.kernels.exact;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers of an operand, little-endian, by their index; with {@code At} by their byte. */
final class Numbers {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Numbers() {}

  static float f32(MemorySegment s, long i) {
    return Float.intBitsToFloat(i32(s, i));
  }

  static float f16(MemorySegment s, long i) {
    return f16At(s, i * Short.BYTES);
  }

  static int i16(MemorySegment s, long i) {
    return i16At(s, i * Short.BYTES);
  }

  static int i32(MemorySegment s, long i) {
    return i32At(s, i * Integer.BYTES);
  }

  static long i64(MemorySegment s, long i) {
    return s.get(LONG, i * Long.BYTES);
  }

  static double f64(MemorySegment s, long i) {
    return f64At(s, i * Double.BYTES);
  }

  static int i8At(MemorySegment s, long at) {
    return s.get(ValueLayout.JAVA_BYTE, at);
  }

  static int i16At(MemorySegment s, long at) {
    return s.get(SHORT, at);
  }

  static int i32At(MemorySegment s, long at) {
    return s.get(INT, at);
  }

  static float f16At(MemorySegment s, long at) {
    return Float.float16ToFloat(s.get(SHORT, at));
  }

  static float f32At(MemorySegment s, long at) {
    return Float.intBitsToFloat(i32At(s, at));
  }

  static double f64At(MemorySegment s, long at) {
    return Double.longBitsToDouble(s.get(LONG, at));
  }
}
