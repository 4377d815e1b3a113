package dev.witnessmark.parity.compare;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads a stage into memory, widened to float64: every value and every NaN keeps its bits. */
final class StageReader {

  private static final int MANTISSA_GAP = 52 - 23;
  private static final int MANTISSA = (1 << 23) - 1;
  private static final long INFINITY = 0x7ffL << 52;

  private StageReader() {}

  /**
   * All values, row by row.
   *
   * @throws Refusal if there are more than an array holds
   */
  static double[] read(TensorView tensor) throws IOException {
    long elements = tensor.shape().elements();
    if (elements > Integer.MAX_VALUE - 8) {
      throw new Refusal.LimitExceeded(
          tensor.source().name(),
          tensor.name(),
          tensor.offset(),
          "the number of values",
          elements,
          Integer.MAX_VALUE - 8);
    }
    double[] values = new double[(int) elements];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(tensor.bytes(), Double.BYTES);
      tensor.read(0, bytes);
      for (int i = 0; i < values.length; i++) {
        values[i] = value(tensor, bytes, i);
      }
    }
    return values;
  }

  private static double value(TensorView tensor, MemorySegment bytes, long i) throws Refusal {
    return switch (tensor.type()) {
      case F64 ->
          bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(tensor.order()), i * Double.BYTES);
      case F32 ->
          widened(
              bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(tensor.order()), i * Float.BYTES));
      case F16 -> Float.float16ToFloat(half(tensor, bytes, i));
      case BF16 -> widened(half(tensor, bytes, i) << 16);
      default ->
          throw new Refusal.Unsupported(
              tensor.source().name(),
              tensor.name(),
              tensor.offset(),
              "a stage is F64, F32, F16 or BF16, not " + tensor.type());
    };
  }

  private static short half(TensorView tensor, MemorySegment bytes, long i) {
    return bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(tensor.order()), i * Short.BYTES);
  }

  /** Arithmetic would make a signalling NaN quiet. */
  private static double widened(int bits) {
    float value = Float.intBitsToFloat(bits);
    if (!Float.isNaN(value)) {
      return value;
    }
    long sign = (long) (bits >>> 31) << 63;
    return Double.longBitsToDouble(sign | INFINITY | (long) (bits & MANTISSA) << MANTISSA_GAP);
  }
}
