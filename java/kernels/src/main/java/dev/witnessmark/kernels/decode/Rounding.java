package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;

/**
 * How far an original can be from what is stored, type by type. All operations are float32, in the
 * order written, and round to nearest even.
 *
 * <p><b>Floating point.</b> Half a unit in the last place: max(2^floor(log2 |v|), smallest normal)
 * · 2^-p with p significand bits, the hidden one included, at least the smallest normal float. A
 * decoded F64 is a float32 that was rounded twice: a whole unit of float32. Infinite for what is
 * not finite. A writer that saturates instead of rounding is outside the bound.
 *
 * <p><b>Integers</b> are not roundings: 0, except where an integer above 2^24 is itself rounded to
 * float32.
 *
 * <p><b>Blocks</b> whose codes are moved to the nearest step. With s = |scale| of the group, q the
 * code, h(x) = {@link #ofF16} the rounding of x to f16, K = {@link #SLACK}:
 *
 * <ul>
 *   <li>{@link Steps#F16_SCALE}, {@link Steps#F32_SCALE}: codes are found before the scale is
 *       rounded, by e = h(scale) (0 for Q8_K, whose scale is a float32). An element inside the
 *       range is off by half of the true step, s + e at most, and q e because its step moved; at
 *       either end of the range it may have been clipped and gets 1.5 steps. A minimum m adds o =
 *       h(m) + |m| 2^-23. Bound: (0.5 (s + e)) K + o + |q| (e K), or (1.5 (s + e)) K + o + |q| (e
 *       K).
 *   <li>{@link Steps#CODED_SCALE}: scale = d c with an integer c, minimum = dmin n. Codes are found
 *       again after both are rounded: inside the range (0.5 s) K + o with o = |minimum| 2^-23. At
 *       its ends the true range may be longer than the rounded one: the scale by u (|d| + h(d)) + c
 *       h(d), u = 0.5 for the rounding of c, 1 where c is signed and clipped at one side; the
 *       minimum by 0.5 (|dmin| + h(dmin)) + n h(dmin). Bound: (1.5 s + (M (|c| h(d)) + (x + n
 *       h(dmin)))) K + o, x = M (u (|d| + h(d))) + 0.5 (|dmin| + h(dmin)), M the largest |q|. If s
 *       = 0 every code is an end, for no code was found again.
 *   <li>{@link Steps#TABLE}: as above with unequal steps, M the largest magnitude of the table, g
 *       the larger of the two gaps beside a value, three times the gap at the table's ends: g ((0.5
 *       (s + e)) K) + (M e) K, at the ends g ((0.5 (s + e)) K) + (M (e + y)) K. IQ4_NL: e = h(d), y
 *       = 0, with the gaps of {@link Codebooks#IQ4_NL_GAPS}. IQ4_XS: e = |c| h(d), y = |d| + h(d).
 *       MXFP4: e = y = 0. NVFP4: e = 0, y = 2^-11 where s = 0, the largest scale that rounds to 0,
 *       and infinite from the largest scale on. If s = 0 every code is an end.
 * </ul>
 *
 * <p>K covers the roundings of quantiser and decoder themselves: a few units of 2^-24 of |q| s,
 * less than 2^-13 of half a step as |q| is at most 128.
 */
final class Rounding {

  /** How a block type spaces its codes. */
  enum Steps {
    /** Equal steps of a scale that was rounded to f16 after the codes were found. */
    F16_SCALE,
    /** Equal steps of a scale that was not rounded. */
    F32_SCALE,
    /** Equal steps of a scale that is an f16 times an integer code. */
    CODED_SCALE,
    /** Steps from a table. */
    TABLE,
    /** Points of a lattice, or two to four levels: no neighbour that an original was nearest to. */
    LATTICE
  }

  /** Factor for rounding in the quantiser and the decoder. */
  static final float SLACK = 1 + 0x1p-12f;

  /** Share of a minimum that rounding the decoded value may take. */
  static final float MINIMUM_SLACK = 0x1p-23f;

  /** Largest NVFP4 scale that rounds to 0. */
  static final float NVFP4_LOST_SCALE = 0x1p-11f;

  /** Scales of NVFP4 from here on may have been clipped. */
  static final float NVFP4_LARGEST_SCALE = 224;

  private Rounding() {}

  /**
   * Half a unit in the last place of an f16 and at most that of the next power of two: |x| 2^-11,
   * for subnormals 2^-25, the sum for both.
   */
  static float ofF16(float magnitude) {
    return magnitude * 0x1p-11f + 0x1p-25f;
  }

  /** Whether there is a bound. */
  static boolean isDerived(TensorType type) {
    return !type.quantised() || steps(type) != Steps.LATTICE;
  }

  /** How a block type spaces its codes. */
  static Steps steps(TensorType type) {
    return switch (type) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q8_1 -> Steps.F16_SCALE;
      case Q8_K -> Steps.F32_SCALE;
      case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K -> Steps.CODED_SCALE;
      case IQ4_NL, IQ4_XS, MXFP4, NVFP4 -> Steps.TABLE;
      case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> Steps.LATTICE;
      case TQ1_0, TQ2_0, Q1_0, Q2_0 -> Steps.LATTICE;
      default -> throw new AssertionError(type);
    };
  }

  /** The smallest code; of Q8 no code is an end: nothing is clipped. */
  static float lowest(TensorType type) {
    return switch (type) {
      case Q4_1, Q5_1, Q2_K, Q4_K, Q5_K -> 0;
      case Q3_K -> -4;
      case Q4_0 -> -8;
      case Q5_0 -> -16;
      case Q6_K -> -32;
      case Q8_0, Q8_1, Q8_K -> -256;
      default -> throw new AssertionError(type);
    };
  }

  /** The largest code. */
  static float highest(TensorType type) {
    return switch (type) {
      case Q2_K, Q3_K -> 3;
      case Q4_0 -> 7;
      case Q4_1, Q5_0, Q4_K -> 15;
      case Q5_1, Q5_K, Q6_K -> 31;
      case Q8_0, Q8_1, Q8_K -> 256;
      default -> throw new AssertionError(type);
    };
  }

  /** The largest magnitude of a code or table value, M above. */
  static float largestMagnitude(TensorType type) {
    return switch (type) {
      case IQ4_NL, IQ4_XS -> 127;
      case MXFP4, NVFP4 -> 12;
      default -> Math.max(-lowest(type), highest(type));
    };
  }

  /** What rounding and clipping a scale code can take, as a share of d, u above. */
  static float scaleCodeError(TensorType type) {
    return switch (type) {
      case Q3_K, Q6_K, IQ4_XS -> 1;
      default -> 0.5f;
    };
  }

  /** Smaller bounds of types without blocks are 0: integers are exact as long as a float is. */
  static float leastBound(TensorType type) {
    return switch (type) {
      case I8, U8, BOOL, I16, U16 -> Float.POSITIVE_INFINITY;
      case I32, U32, I64, U64 -> 1;
      default -> 0;
    };
  }

  /** Exponent of the smallest normal number. */
  static int minExponent(TensorType type) {
    return switch (type) {
      case F16, F8_E5M2 -> -14;
      case F8_E4M3 -> -6;
      default -> Float.MIN_EXPONENT;
    };
  }

  /** Bits of the significand, the hidden one included; half a unit is 2^-precision. */
  static int precision(TensorType type) {
    return switch (type) {
      case F16 -> 11;
      case BF16 -> 8;
      case F8_E4M3 -> 4;
      case F8_E5M2 -> 3;
      case F64 -> Float.PRECISION - 1;
      default -> Float.PRECISION;
    };
  }
}
