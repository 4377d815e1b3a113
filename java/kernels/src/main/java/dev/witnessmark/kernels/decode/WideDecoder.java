package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Decodes the types that float32 cannot hold to float64: F64, I32 and U32 exactly, I64 and U64
 * rounded to nearest even. Scalar only: such tensors are small and rare.
 */
public final class WideDecoder {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private WideDecoder() {}

  /** Whether {@code type} holds numbers that float32 does not. */
  public static boolean reads(TensorType type) {
    return switch (type) {
      case F64, I32, U32, I64, U64 -> true;
      default -> false;
    };
  }

  /**
   * Writes {@code elements} float64 values at byte {@code valuesAt} of {@code values}.
   *
   * @param stored little-endian values of {@code type} from byte {@code storedAt}
   * @throws IllegalArgumentException if {@link #reads} does not list {@code type}
   * @throws IndexOutOfBoundsException if that leaves one of the segments
   */
  public static void decode(
      TensorType type,
      MemorySegment stored,
      long storedAt,
      MemorySegment values,
      long valuesAt,
      int elements) {
    for (long i = 0; i < elements; i++) {
      double value =
          switch (type) {
            case F64 -> stored.get(DOUBLE, storedAt + 8 * i);
            case I32 -> stored.get(INT, storedAt + 4 * i);
            case U32 -> Integer.toUnsignedLong(stored.get(INT, storedAt + 4 * i));
            case I64 -> stored.get(LONG, storedAt + 8 * i);
            case U64 -> unsigned(stored.get(LONG, storedAt + 8 * i));
            default -> throw new IllegalArgumentException("%s is no wide type".formatted(type));
          };
      values.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, valuesAt + 8 * i, value);
    }
  }

  /** The lowest bit is kept sticky while halving, so that the result is rounded once. */
  private static double unsigned(long bits) {
    return bits >= 0 ? bits : 2.0 * (double) ((bits >>> 1) | (bits & 1));
  }
}
