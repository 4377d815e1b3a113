package dev.witnessmark.kernels.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Elements of operands by their index, as the operands store them: little-endian. */
final class Values {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Values() {}

  static float f32(MemorySegment values, long i) {
    return values.get(FLOAT, i * Float.BYTES);
  }

  static float f16(MemorySegment values, long i) {
    return Float.float16ToFloat(values.get(SHORT, i * Short.BYTES));
  }

  static float bf16(MemorySegment values, long i) {
    return Float.intBitsToFloat(values.get(SHORT, i * Short.BYTES) << 16);
  }

  static int i32(MemorySegment values, long i) {
    return values.get(INT, i * Integer.BYTES);
  }

  static void setF32(MemorySegment values, long i, float value) {
    values.set(FLOAT, i * Float.BYTES, value);
  }

  static void setI16(MemorySegment values, long i, int value) {
    values.set(SHORT, i * Short.BYTES, (short) value);
  }

  static void setI32(MemorySegment values, long i, int value) {
    values.set(INT, i * Integer.BYTES, value);
  }

  static void setI64(MemorySegment values, long i, long value) {
    values.set(LONG, i * Long.BYTES, value);
  }

  static float f32At(MemorySegment bytes, long at) {
    return bytes.get(FLOAT, at);
  }

  static float f16At(MemorySegment bytes, long at) {
    return Float.float16ToFloat(bytes.get(SHORT, at));
  }

  static int i32At(MemorySegment bytes, long at) {
    return bytes.get(INT, at);
  }

  static int i16At(MemorySegment bytes, long at) {
    return bytes.get(SHORT, at);
  }

  static int i8At(MemorySegment bytes, long at) {
    return bytes.get(ValueLayout.JAVA_BYTE, at);
  }

  static void setF32At(MemorySegment bytes, long at, float value) {
    bytes.set(FLOAT, at, value);
  }

  static void setF64At(MemorySegment bytes, long at, double value) {
    bytes.set(DOUBLE, at, value);
  }

  static void setI32At(MemorySegment bytes, long at, int value) {
    bytes.set(INT, at, value);
  }

  static void setI16At(MemorySegment bytes, long at, int value) {
    bytes.set(SHORT, at, (short) value);
  }

  static void setI8At(MemorySegment bytes, long at, int value) {
    bytes.set(ValueLayout.JAVA_BYTE, at, (byte) value);
  }
}
