package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.ToFloat16;
import java.lang.foreign.MemorySegment;

/**
 * Rounding of activations. A block with a NaN or an infinity cannot be quantised; it gets a scale
 * of NaN and codes 0, so that every product with it is NaN.
 */
final class ScalarQuantisation {

  /** Elements that share one of the sums of a Q8_K block. */
  private static final int SUM_ELEMENTS = 16;

  private static final int Q8_K_CODES = 4;
  private static final int Q8_K_SUMS = 260;
  private static final int Q8_0_CODES = 2;

  private ScalarQuantisation() {}

  static void quantise(QuantiseActivations o, MemorySegment activations, MemorySegment blocks) {
    TensorType type = o.type();
    long count = (long) o.rows() * (o.columns() / type.blockElements());
    for (long b = 0; b < count; b++) {
      MemorySegment x =
          activations.asSlice(
              b * type.blockElements() * Float.BYTES, (long) type.blockElements() * Float.BYTES);
      MemorySegment block = blocks.asSlice(b * type.blockBytes(), type.blockBytes());
      if (type == TensorType.Q8_K) {
        q8k(x, block);
      } else {
        q8_0(x, block);
      }
    }
  }

  static void toFloat16(ToFloat16 o, MemorySegment values, MemorySegment halves) {
    for (long i = 0; i < o.elements(); i++) {
      Values.setI16(halves, i, Float.floatToFloat16(Values.f32(values, i)));
    }
  }

  private static void q8k(MemorySegment x, MemorySegment block) {
    float largest = largest(x);
    float inverse = -127 / largest;
    float scale = scale(largest, inverse);
    boolean coded = largest != 0 && Float.isFinite(inverse) && !Float.isNaN(scale);
    int sum = 0;
    Values.setF32At(block, 0, scale);
    for (int e = 0; e < TensorType.Q8_K.blockElements(); e++) {
      int q = coded ? (int) Math.min(127, Math.rint(inverse * Values.f32(x, e))) : 0;
      Values.setI8At(block, Q8_K_CODES + e, q);
      sum += q;
      if (e % SUM_ELEMENTS == SUM_ELEMENTS - 1) {
        Values.setI16At(block, Q8_K_SUMS + e / SUM_ELEMENTS * 2L, sum);
        sum = 0;
      }
    }
  }

  /** The scale of a Q8_K block. */
  static float scale(float largest, float inverse) {
    if (!Float.isFinite(largest)) {
      return Numerics.NAN;
    }
    return largest == 0 ? 0 : 1 / inverse;
  }

  private static void q8_0(MemorySegment x, MemorySegment block) {
    float largest = Math.abs(largest(x));
    float scale = smallScale(largest);
    float inverse = scale == 0 ? 0 : 1 / scale;
    boolean coded = Float.isFinite(inverse);
    Values.setI16At(block, 0, Float.floatToFloat16(scale));
    for (int e = 0; e < TensorType.Q8_0.blockElements(); e++) {
      int q = coded ? roundHalfAway(Values.f32(x, e) * inverse) : 0;
      Values.setI8At(block, Q8_0_CODES + e, q);
    }
  }

  /** The scale of a Q8_0 block with this largest magnitude, before it is rounded to float16. */
  static float smallScale(float largest) {
    return Float.isFinite(largest) ? largest / 127 : Numerics.NAN;
  }

  /** The first element of largest magnitude; NaN if any is NaN or infinite. */
  private static float largest(MemorySegment x) {
    float largest = 0;
    for (long i = 0; i < x.byteSize() / Float.BYTES; i++) {
      float value = Values.f32(x, i);
      if (!Float.isFinite(value)) {
        return Numerics.NAN;
      }
      if (Math.abs(value) > Math.abs(largest)) {
        largest = value;
      }
    }
    return largest;
  }

  /** To the nearest integer, ties away from zero; |x| is below 2²². */
  static int roundHalfAway(float x) {
    float magnitude = Math.abs(x);
    int floor = (int) magnitude;
    int rounded = magnitude - floor >= 0.5f ? floor + 1 : floor;
    return x < 0 ? -rounded : rounded;
  }
}
