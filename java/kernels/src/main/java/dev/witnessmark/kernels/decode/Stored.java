package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian fields of stored blocks. */
final class Stored {

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Stored() {}

  static int i8(MemorySegment stored, long at) {
    return stored.get(ValueLayout.JAVA_BYTE, at);
  }

  static int u8(MemorySegment stored, long at) {
    return stored.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  static int i16(MemorySegment stored, long at) {
    return stored.get(SHORT, at);
  }

  static int u16(MemorySegment stored, long at) {
    return stored.get(SHORT, at) & 0xffff;
  }

  static int i32(MemorySegment stored, long at) {
    return stored.get(INT, at);
  }

  static long u32(MemorySegment stored, long at) {
    return stored.get(INT, at) & 0xffff_ffffL;
  }

  static long i64(MemorySegment stored, long at) {
    return stored.get(LONG, at);
  }

  static float f16(MemorySegment stored, long at) {
    return Float.float16ToFloat(stored.get(SHORT, at));
  }

  static float f32(MemorySegment stored, long at) {
    return Float.intBitsToFloat(stored.get(INT, at));
  }

  static double f64(MemorySegment stored, long at) {
    return Double.longBitsToDouble(stored.get(LONG, at));
  }
}
