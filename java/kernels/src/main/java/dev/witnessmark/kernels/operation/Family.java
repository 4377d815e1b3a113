package dev.witnessmark.kernels.operation;

import java.util.Locale;

/**
 * The kinds of operations, with what a user should know of each. All arithmetic is IEEE binary32
 * rounded to nearest even unless it says double; u is 2⁻²⁴. What no line restricts is any number.
 */
public enum Family {
  DEQUANTISE(
      "stored blocks to float32",
      "value = scale · code (+ offset), operation by operation as the format is written",
      "every value stands alone",
      "u·(|scale · code| + |offset| + |value|); without an offset and for plain types u·|value|"),
  QUANTISE(
      "activations to Q8_K or Q8_0 blocks",
      "Q8_K: i = −127/m with m the first element of largest magnitude, q = min(127, rint(i·x)), "
          + "d = 1/i, sums of 16; Q8_0: d = max|x|/127, q = x·(1/d) rounded half away from zero, "
          + "d stored as float16",
      "every block stands alone; a block with a NaN or an infinity gets d = NaN and codes 0",
      "|x − d·q| ≤ |d|·(1/2 + 128·u) (Q8_0: and 2⁻¹¹·|d|·127 for the rounding of d)"),
  MATVEC_Q8(
      "matrix times quantised activations",
      "per block: t = fma(d_w·d_x, float(Σ sc·code·q), −(dmin_w·d_x)·float(Σ mn·Σq)), the integer "
          + "sums exact",
      "eight lanes, lane b mod 8 adds the term of block b in ascending b; then lanes l and l + s "
          + "for s = 4, 2, 1",
      "(blocks/8 + 8)·u·Σ|terms| against the exact product of decoded weights and decoded "
          + "activations"),
  MATVEC_F32(
      "matrix times float32 activations",
      "y = dot256(decoded row, x)",
      "256 lanes, lane l takes i mod 256 = l in ascending order by fma; then lanes l and l + s for "
          + "s = 128, 64 … 1",
      "(columns/256 + 9)·u·Σ|w·x|, and the decoding's own bound"),
  RMS_NORM(
      "root-mean-square normalisation",
      "y = (x·r)·w, r = 1/√(dot256(x, x)/columns + ε)",
      "dot256; then every value stands alone",
      "(columns/512 + 9)·u·|y|"),
  ROTARY(
      "rotary position embedding",
      "(x0, x1) → (fma(x0, c, −(x1·s)), fma(x0, s, x1·c)) with c, s from the table",
      "every pair stands alone",
      "2u·(|x0·c| + |x1·s|) for the table given"),
  SOFTMAX(
      "softmax of rows",
      "p = exp(x − max) / sum256(exp(x − max))",
      "256 lanes as dot256, by addition",
      "(columns/256 + 13 + |x − max|)·u·p, and 2⁻¹⁴⁹ where exp is subnormal"),
  ATTENTION(
      "attention over a KV cache, causal, grouped queries",
      "s_j = dot256(q, k_j)·scale, p_j = exp(s_j − max), o = Σ p_j·v_j / sum256(p)",
      "scores as dot256; the sum over j in eight lanes j mod 8 by fma, then s = 4, 2, 1; scale = "
          + "float(1/√(double) headSize)",
      "((headSize/256 + 11)·2·max_j Σ|q·k_j|·scale + cached/8 + cached/256 + 28 + span)·u·Σ p_j|v_j| "
          + "with span = max s − min s"),
  GATED_SILU(
      "SiLU-gated product",
      "y = g / (1 + exp(−g)) · up",
      "every value stands alone",
      "6u·|y|, and 2⁻¹⁴⁹·|up| where the quotient is subnormal"),
  ADD("residual addition", "y = a + b", "every value stands alone", "u·|y|"),
  GATHER(
      "embedding rows by token id",
      "y = decoded row of the token",
      "every value stands alone",
      "that of dequantise"),
  ARG_MAX(
      "index of the largest value of each row",
      "lowest index of the maximum; −1 for a row with a NaN",
      "none: comparisons are exact",
      "0"),
  TOP_K(
      "the k largest values of each row",
      "values in descending order, equal ones by ascending index; index −1 and value NaN for a "
          + "row with a NaN",
      "none: comparisons are exact",
      "0"),
  TO_FLOAT16(
      "float32 to float16, as the KV cache stores it",
      "round to nearest even; a NaN stays one",
      "every value stands alone",
      "2⁻¹¹·|x|, and 2⁻²⁵ where the result is subnormal"),
  BASE17(
      "row fingerprints of 17 numbers",
      "dimension b is the mean of the elements 17·o + (11·b mod 17) of the visited octaves o, times "
          + "256, rounded half away from zero, clamped to 16 bits; a NaN gives 0",
      "one running double per dimension, ascending octaves",
      "1/2 of a unit of 1/256, and n·2⁻⁵³·Σ|x|·256/count"),
  COMPARE(
      "the comparator's one pass over two sequences",
      "ΣΔ, ΣΔ², Σa², Σb², Σab in double, largest |a − b| with its index, counts, histogram of |a − b|",
      "segments of 4096; sixteen lanes of doubles, lane i mod 16 in ascending order, ΣΔ by addition "
          + "and the others by fma; then s = 8, 4, 2, 1",
      "3e−14·Σ|terms|");

  private final String title;
  private final String formula;
  private final String order;
  private final String bound;

  Family(String title, String formula, String order, String bound) {
    this.title = title;
    this.formula = formula;
    this.order = order;
    this.bound = bound;
  }

  /** The name in results, on the command line and of the source file under {@code cuda/}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What it is, in a few words. */
  public String title() {
    return title;
  }

  /** What is computed. */
  public String formula() {
    return formula;
  }

  /** In which order what is not exact is added. */
  public String order() {
    return order;
  }

  /** How far a canonical result may be from the exact one. */
  public String bound() {
    return bound;
  }
}
