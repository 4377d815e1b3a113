package dev.witnessmark.kernels.numerics;

/**
 * The numerics contract's constants and elementary functions, in float32 rounded to nearest even
 * with subnormals kept; fma only where it is written. A result that is NaN may be any NaN, except
 * where {@link #NAN} is named.
 */
public final class Numerics {

  /** Version of the contract, part of every run record. It changes when any bit may change. */
  public static final int VERSION = 1;

  /** The quiet NaN that stands for all of them, 0x7fc00000. */
  public static final float NAN = Float.intBitsToFloat(0x7fc0_0000);

  /** exp is infinite above this. */
  public static final float EXP_OVERFLOW = 88.72284f;

  /** exp is +0 below this. */
  public static final float EXP_UNDERFLOW = -103.97208f;

  /** 1/ln 2. */
  public static final float LOG2_E = 1.442695f;

  /** The upper part of ln 2: n times it is exact for every n that exp meets. */
  public static final float LN2_HIGH = 0.6933594f;

  /** What is left of ln 2. */
  public static final float LN2_LOW = -0.00021219444f;

  /** Coefficients of exp's polynomial, the highest power first. */
  public static final float EXP_5 = 0.00019875691f;

  public static final float EXP_4 = 0.0013981999f;
  public static final float EXP_3 = 0.008333452f;
  public static final float EXP_2 = 0.041665796f;
  public static final float EXP_1 = 0.16666666f;
  public static final float EXP_0 = 0.5f;

  /**
   * How far {@link #exp} is from the exponential function, in units in the last place: measured
   * over all floats, worst at −5.8778844.
   */
  public static final double EXP_ULPS = 1.0104;

  private Numerics() {}

  /** The exponential function, at most {@link #EXP_ULPS} units in the last place off. */
  public static float exp(float x) {
    if (Float.isNaN(x)) {
      return NAN;
    }
    if (x > EXP_OVERFLOW) {
      return Float.POSITIVE_INFINITY;
    }
    if (x < EXP_UNDERFLOW) {
      return 0;
    }
    float rounded = (float) Math.rint(x * LOG2_E);
    int n = (int) rounded;
    float r = Math.fma(-rounded, LN2_HIGH, x);
    r = Math.fma(-rounded, LN2_LOW, r);
    float p = Math.fma(EXP_5, r, EXP_4);
    p = Math.fma(p, r, EXP_3);
    p = Math.fma(p, r, EXP_2);
    p = Math.fma(p, r, EXP_1);
    p = Math.fma(p, r, EXP_0);
    float y = Math.fma(p, r * r, r) + 1;
    int half = n >> 1;
    return (y * powerOfTwo(half)) * powerOfTwo(n - half);
  }

  /** x / (1 + exp(-x)). */
  public static float silu(float x) {
    return x / (1 + exp(-x));
  }

  /** The larger of two; {@link #NAN} if either is NaN. */
  public static float max(float x, float y) {
    float larger = Math.max(x, y);
    return Float.isNaN(larger) ? NAN : larger;
  }

  /** 2ⁿ for n = -126 … 127. */
  private static float powerOfTwo(int n) {
    return Float.intBitsToFloat((n + 127) << 23);
  }
}
