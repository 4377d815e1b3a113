package dev.witnessmark.compare.testing;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.decode.WideDecoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Values to stored bytes and back. */
public final class Numbers {

  private Numbers() {}

  /** {@code values} as little-endian {@code type}, converted as Java converts; plain types only. */
  public static byte[] stored(TensorType type, double... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) type.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (type) {
        case F32 -> bytes.putFloat((float) value);
        case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
        case BF16 -> bytes.putShort(bfloat16((float) value));
        case F64 -> bytes.putDouble(value);
        case I8, U8, BOOL -> bytes.put((byte) (long) value);
        case I16, U16 -> bytes.putShort((short) (long) value);
        case I32, U32 -> bytes.putInt((int) (long) value);
        case I64, U64 -> bytes.putLong((long) value);
        default -> throw new IllegalArgumentException(type + " has blocks");
      }
    }
    return bytes.array();
  }

  public static byte[] f32(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putInt(Float.floatToRawIntBits(value));
    }
    return bytes.array();
  }

  /** The upper half of the float32 bits, rounded to nearest even. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** {@code value} rounded to bfloat16. */
  public static float roundedToBfloat16(float value) {
    return Float.intBitsToFloat(bfloat16(value) << 16);
  }

  /** The values of {@code stored} bytes, by the scalar decoder. */
  public static double[] values(TensorType type, byte[] stored) {
    int elements = stored.length / type.blockBytes() * type.blockElements();
    double[] values = new double[elements];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, stored.length), 8);
      MemorySegment.copy(stored, 0, bytes, ValueLayout.JAVA_BYTE, 0, stored.length);
      MemorySegment decoded = arena.allocate(Math.max(1, elements * 8L), 8);
      if (WideDecoder.reads(type)) {
        WideDecoder.decode(type, bytes, 0, decoded, 0, elements);
        for (int i = 0; i < elements; i++) {
          values[i] = decoded.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        }
      } else {
        Decoders.scalar(type).decode(bytes, 0, decoded, 0, elements);
        for (int i = 0; i < elements; i++) {
          values[i] = decoded.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
      }
    }
    return values;
  }

  /** Random stored bytes of {@code elements} values, all of them finite. */
  public static byte[] randomFinite(TensorType type, int elements, Random random) {
    byte[] stored = new byte[(int) type.bytes(elements)];
    byte[] block = new byte[type.blockBytes()];
    float[] decoded = new float[type.blockElements()];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(block.length, 8);
      MemorySegment values = arena.allocate(decoded.length * 4L, 8);
      Decoder decoder = Decoders.scalar(type);
      for (int at = 0; at < stored.length; at += block.length) {
        do {
          random.nextBytes(block);
          MemorySegment.copy(block, 0, bytes, ValueLayout.JAVA_BYTE, 0, block.length);
          decoder.decode(bytes, 0, values, 0, decoded.length);
          MemorySegment.copy(values, ValueLayout.JAVA_FLOAT, 0, decoded, 0, decoded.length);
        } while (!allFinite(decoded));
        System.arraycopy(block, 0, stored, at, block.length);
      }
    }
    return stored;
  }

  private static boolean allFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Normal deviates, as float32. */
  public static float[] normal(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Rows of {@code matrix [rows, columns]} as columns. */
  public static float[] transposed(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j * rows + i] = matrix[i * columns + j];
      }
    }
    return result;
  }

  /**
   * The rows of every head as GGUF stores them for LLaMA: row {@code 2i + j} of a head is row
   * {@code j·d/2 + i}, written out as the converter's reshape, swap of axes and reshape.
   */
  public static float[] interleaved(float[] matrix, int heads, int columns) {
    int rows = matrix.length / columns;
    int headRows = rows / heads;
    float[] result = new float[matrix.length];
    int to = 0;
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < headRows / 2; i++) {
        for (int j = 0; j < 2; j++) {
          int from = head * headRows + j * headRows / 2 + i;
          System.arraycopy(matrix, from * columns, result, to++ * columns, columns);
        }
      }
    }
    return result;
  }

  /** Rows {@code [first, first + rows)}. */
  public static float[] rows(float[] matrix, int columns, int first, int rows) {
    float[] result = new float[rows * columns];
    System.arraycopy(matrix, first * columns, result, 0, result.length);
    return result;
  }

  public static float[] concatenated(float[]... parts) {
    int length = 0;
    for (float[] part : parts) {
      length += part.length;
    }
    float[] result = new float[length];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, result, at, part.length);
      at += part.length;
    }
    return result;
  }
}
