package dev.witnessmark.kernels.decode;

import static dev.witnessmark.kernels.decode.Stored.f16;
import static dev.witnessmark.kernels.decode.Stored.f32;
import static dev.witnessmark.kernels.decode.Stored.f64;
import static dev.witnessmark.kernels.decode.Stored.i16;
import static dev.witnessmark.kernels.decode.Stored.i32;
import static dev.witnessmark.kernels.decode.Stored.i64;
import static dev.witnessmark.kernels.decode.Stored.i8;
import static dev.witnessmark.kernels.decode.Stored.u16;
import static dev.witnessmark.kernels.decode.Stored.u32;
import static dev.witnessmark.kernels.decode.Stored.u8;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * The types without blocks as formulas.
 *
 * @param type a floating-point or integer type
 */
record PlainFormula(TensorType type) {

  float value(MemorySegment s, long at) {
    return switch (type) {
      case F32 -> f32(s, at);
      case F16 -> f16(s, at);
      case BF16 -> Float.intBitsToFloat(i16(s, at) << 16);
      case F64 -> (float) f64(s, at);
      case F8_E4M3 -> e4m3(u8(s, at));
      case F8_E5M2 -> Float.float16ToFloat((short) (i8(s, at) << 8));
      case I8 -> i8(s, at);
      case I16 -> i16(s, at);
      case I32 -> i32(s, at);
      case I64 -> i64(s, at);
      case U8 -> u8(s, at);
      case U16 -> u16(s, at);
      case U32 -> u32(s, at);
      case U64 -> unsigned(i64(s, at));
      case BOOL -> i8(s, at) == 0 ? 0 : 1;
      default -> throw new AssertionError(type);
    };
  }

  /** The bound of {@link Rounding} for an element that was decoded to {@code value}. */
  float bound(float value) {
    float halfUlp =
        Math.max(
            halfUlp(value, Rounding.minExponent(type), Rounding.precision(type)), Float.MIN_NORMAL);
    return halfUlp < Rounding.leastBound(type) ? 0 : halfUlp;
  }

  /** 2^(exponent of x, but not less than the smallest normal one) · 2^-precision. */
  private static float halfUlp(float x, int minExponent, int precision) {
    return Float.isFinite(x)
        ? Math.scalb(1f, Math.max(Math.getExponent(x), minExponent) - precision)
        : Float.POSITIVE_INFINITY;
  }

  /** OCP E4M3 without infinities: bias 7, the largest magnitude code is NaN. */
  private static float e4m3(int x) {
    float magnitude = (x & 127) == 127 ? Float.NaN : unsignedE4M3(x);
    return x < 128 ? magnitude : -magnitude;
  }

  /** E4M3 without sign and without NaN. */
  static float unsignedE4M3(int x) {
    int exponent = (x >> 3) & 15;
    int mantissa = x & 7;
    return exponent == 0
        ? Math.scalb((float) mantissa, -9)
        : Math.scalb(1 + mantissa / 8f, exponent - 7);
  }

  /**
   * The nearest float to an unsigned integer. Half of a large one, made odd if a bit was lost,
   * rounds the same way as the whole.
   */
  private static float unsigned(long x) {
    return x >= 0 ? x : 2f * ((x >>> 1) | (x & 1));
  }
}
