package dev.witnessmark.kernels.operation;

import java.util.Locale;

/**
 * The kinds of operations, with what a user should know of each. All arithmetic is IEEE binary32
 * rounded to nearest even unless it says double; u is 2⁻²⁴. What no line restricts is any number.
 *
 * <p>Bounds are of |canonical − exact|, to first order in u and without what underflow adds where
 * it is not said; {@code dev.witnessmark.kernels.exact} derives them and computes them in full,
 * element by element. There is none where a number on the way may leave the range of floats.
 */
public enum Family {
  DEQUANTISE(
      "stored blocks to float32",
      "value = scale · code (+ offset), operation by operation as the format is written",
      "stored [elements] as stored; values [elements] float32",
      "elements",
      "every value stands alone",
      "u·|value|, 2⁻¹⁵⁰ where it is subnormal: of all operations only the last one rounds, and only "
          + "in Q2_K, Q4_K, Q5_K, Q4_1, Q5_1, Q8_K, F64 and integers of more than 24 bits; "
          + "elsewhere 0"),
  QUANTISE(
      "activations to Q8_K or Q8_0 blocks",
      "Q8_K: i = −127/m with m the first element of largest magnitude, q = min(127, rint(i·x)), "
          + "d = 1/i, sums of 16; Q8_0: d = max|x|/127, q = x·(1/d) rounded half away from zero, "
          + "d stored as float16",
      "activations [rows, columns] float32; blocks [rows, columns] Q8_K or Q8_0",
      "rows, columns",
      "every block stands alone; a block with a NaN or an infinity gets d = NaN and codes 0",
      "|x − d·q| ≤ |d|/2 + 3u·|x|; Q8_0: and (|x|/d + 1)·max(2⁻¹¹·d, 2⁻²⁵) for the rounding of d; "
          + "|x| where 127/max|x| overflows, for codes are 0 then"),
  MATVEC_Q8(
      "matrix times quantised activations",
      "y = Σ t over blocks, t = fma(d_w·d_x, float(I), −(dmin_w·d_x)·float(M)) with the exact "
          + "integers I = Σ sc·code·q and M = Σ mn·q; without minima t = (d_w·d_x)·float(I); in "
          + "blocks of 32 sc is 1 and −dmin·mn one offset",
      "weights [rows, columns] as stored; "
          + "activations [batch, columns] Q8_K, for blocks of 32 Q8_0; "
          + "results [batch, rows] float32",
      "rows, columns, batch",
      "eight lanes, lane b mod 8 adds the term of block b in ascending b; then lanes l and l + s "
          + "for s = 4, 2, 1",
      "(⌈blocks/8⌉ + 5)·u·Σ(|d_w·d_x·I| + |dmin_w·d_x·M|) and what decoding rounds, at most "
          + "2u·Σ|w·x|, against the exact product of decoded weights and decoded activations; "
          + "against float32 activations Σ|w|·b more, b the bound of quantise"),
  MATVEC_F32(
      "matrix times float32 activations",
      "y = dot256(decoded row, x)",
      "weights [rows, columns] as stored; "
          + "activations [batch, columns] float32; "
          + "results [batch, rows] float32",
      "rows, columns, batch",
      "256 lanes, lane l takes i mod 256 = l in ascending order by fma; then lanes l and l + s for "
          + "s = 128, 64 … 1",
      "(⌈columns/256⌉ + 8)·u·Σ|w·x| against the exact product of decoded weights"),
  RMS_NORM(
      "root-mean-square normalisation",
      "y = (x·r)·w, r = 1/√(dot256(x, x)/columns + ε)",
      "activations [rows, columns] float32; "
          + "weights [columns] float32; "
          + "results [rows, columns] float32",
      "rows, columns, ε",
      "dot256; then every value stands alone",
      "(⌈columns/256⌉/2 + 9)·u·|y|; more where squares are subnormal, and none where they and ε may "
          + "add up to 0"),
  ROTARY(
      "rotary position embedding",
      "(x0, x1) → (fma(x0, c, −(x1·s)), fma(x0, s, x1·c)) with c, s from the table",
      "activations [positions, heads, headSize] float32; "
          + "table [positions, rotated/2, 2] float32: cosine, sine; "
          + "results [positions, heads, headSize] float32",
      "positions, heads, headSize, rotated",
      "every pair stands alone",
      "u·(|x1·s| + |y0|) and u·(|x1·c| + |y1|) for the table given; its rounding costs u·(|x0·c| + "
          + "|x1·s|) and u·(|x0·s| + |x1·c|)"),
  SOFTMAX(
      "softmax of rows",
      "p = exp(x − max) / sum256(exp(x − max))",
      "scores [rows, columns] float32; probabilities [rows, columns] float32",
      "rows, columns",
      "256 lanes as dot256, by addition",
      "(|x − max| + ln columns + ⌈columns/256⌉ + 13)·u·p, and 2⁻¹⁴⁸ where exp or p is subnormal"),
  ATTENTION(
      "attention over a KV cache, causal, grouped queries",
      "s_j = dot256(q, k_j)·scale, p_j = exp(s_j − max), o = Σ p_j·v_j / sum256(p)",
      "queries [queries, heads, headSize] float32; "
          + "keys [cached, keyValueHeads, headSize] float32 or float16; "
          + "values [cached, keyValueHeads, headSize] float32 or float16; "
          + "results [queries, heads, headSize] float32",
      "queries, heads, keyValueHeads, headSize, cached, scale",
      "scores as dot256; the sum over j in eight lanes j mod 8 by fma, then s = 4, 2, 1; scale = "
          + "float(1/√(double) headSize)",
      "(2·(⌈headSize/256⌉ + 10)·max_j Σ|q·k_j|/√headSize + S + ln n + ⌈n/8⌉ + ⌈n/256⌉ + 16)·u·Σ "
          + "p_j·|v_j|/Σ p_j with n positions seen and S = max s − min s; never more than max v − min "
          + "v and rounding"),
  ATTENTION_SCORES(
      "scores of attention by themselves",
      "s_j = dot256(q, k_j)·scale; +0 where the key is later than the query",
      "queries [queries, heads, headSize] float32; "
          + "keys [cached, keyValueHeads, headSize] float32 or float16; "
          + "scores [heads, queries, cached] float32",
      "queries, heads, keyValueHeads, headSize, cached, scale",
      "dot256; scale = float(1/√(double) headSize)",
      "(⌈headSize/256⌉ + 10)·u·Σ|q·k_j|/√headSize, and 2⁻¹⁵⁰ where a product or the score is "
          + "subnormal"),
  CAUSAL_SOFTMAX(
      "softmax of the scores of attention",
      "p_j = exp(s_j − max) / sum256(exp(s_j − max)) over the positions j that the query sees; +0 "
          + "for the later ones",
      "scores [heads, queries, cached] float32; probabilities [heads, queries, cached] float32",
      "heads, queries, cached",
      "256 lanes as dot256, by addition",
      "(|s_j − max| + ln n + ⌈n/256⌉ + 13)·u·p with n positions seen, and 2⁻¹⁴⁸ where exp or p is "
          + "subnormal"),
  SILU(
      "SiLU",
      "y = g / (1 + exp(−g))",
      "gate [elements] float32; results [elements] float32",
      "elements",
      "every value stands alone",
      "5u·|y|, and 2⁻¹⁵⁰ where the quotient is subnormal; for g < −88.72, where exp(−g) overflows, "
          + "the quotient is −0 and the error all of y, at most 2.7e−37"),
  GATED_SILU(
      "SiLU-gated product",
      "y = g / (1 + exp(−g)) · up",
      "gate [elements] float32; up [elements] float32; results [elements] float32",
      "elements",
      "every value stands alone",
      "6u·|y|, and 2⁻¹⁵⁰·(|up| + 1) where quotient or product is subnormal; for g < −88.72, where "
          + "exp(−g) overflows, the quotient is −0 and the error all of y, at most 2.7e−37·|up|"),
  ADD(
      "residual addition",
      "y = a + b",
      "a [elements] float32; b [elements] float32; results [elements] float32",
      "elements",
      "every value stands alone",
      "u·|y|"),
  ADD_BIAS(
      "the same numbers added to every row",
      "y = x + b",
      "activations [rows, columns] float32; "
          + "bias [columns] float32; "
          + "results [rows, columns] float32",
      "rows, columns",
      "every value stands alone",
      "u·|y|"),
  WEIGHTED_SUM(
      "sums of vectors with a weight each",
      "y = Σ w_j·x_j",
      "parts [tokens, used, columns] float32; "
          + "weights [tokens, used] float32; "
          + "results [tokens, columns] float32",
      "tokens, used, columns",
      "from +0 by fma in ascending j",
      "used·u·Σ|w·x|, and used·2⁻¹⁵⁰ where a sum is subnormal"),
  GATHER(
      "embedding rows by token id",
      "y = decoded row of the token; NaN for a token that has no row",
      "table [rows, columns] as stored; "
          + "tokens [tokens] int32; "
          + "results [tokens, columns] float32",
      "rows, columns, tokens",
      "every value stands alone",
      "that of dequantise"),
  ARG_MAX(
      "index of the largest value of each row",
      "lowest index of the maximum; −1 for a row with a NaN",
      "values [rows, columns] float32; indices [rows] int32",
      "rows, columns",
      "none: comparisons are exact",
      "0"),
  TOP_K(
      "the k largest values of each row",
      "values in descending order, equal ones by ascending index; index −1 and value NaN for a "
          + "row with a NaN",
      "values [rows, columns] float32; largest [rows, k] float32; indices [rows, k] int32",
      "rows, columns, k",
      "none: comparisons are exact",
      "0"),
  TO_FLOAT16(
      "float32 to float16, as the KV cache stores it",
      "round to nearest even; a NaN stays one",
      "values [elements] float32; halves [elements] float16",
      "elements",
      "every value stands alone",
      "2⁻¹¹·|x|, 2⁻²⁵ where the result is subnormal; none from 65520 on, which gives infinity"),
  CRUSHED_BLOCKS(
      "how much one outlier crushes a block",
      "the largest over the blocks of a row of largest |x| / second-largest |x|; 0 for a block of "
          + "zeros; NaN for a row with a NaN, or with two infinities in a block",
      "activations [rows, columns] float32; ratios [rows] float32",
      "rows, columns, block",
      "none: comparisons are exact, the division is rounded once",
      "u·|ratio|; none where it leaves the range of floats"),
  BASE17(
      "row fingerprints of 17 numbers",
      "dimension b is the mean of the elements 17·o + (11·b mod 17) of the visited octaves o, times "
          + "256, rounded half away from zero, clamped to 16 bits; a NaN gives 0",
      "rows [rows, columns] F32, F16 or BF16; fingerprints [rows, 17] int16",
      "rows, columns, stride",
      "one running double per dimension, ascending octaves",
      "1/2 against the mean times 256, and (n + 2)·2⁻⁵³·256·Σ|x|/n with n elements of a dimension"),
  COMPARE(
      "the comparator's one pass over two matrices",
      "ΣΔ, ΣΔ², Σa², Σb², Σab in double, largest |a − b| with its index, counts, histogram of |a − b|",
      "a [rows, columns] float32; "
          + "b [rows, columns] float32; "
          + "segments [rows, ⌈columns/4096⌉] records of 88 bytes; "
          + "histogram [256] int64",
      "rows, columns",
      "segments of 4096 in each row; sixteen lanes of doubles, lane i mod 16 in ascending order, ΣΔ by addition "
          + "and the others by fma; then s = 8, 4, 2, 1",
      "sums (⌈n/16⌉ + 7)·2⁻⁵³·Σ|terms| with n pairs in the segment, at most 3e−14·Σ|terms|; "
          + "everything else 0"),
  ROUNDING_BOUNDS(
      "how far stored values can be from what was stored",
      "half a step of the group, a step and a half where a code may have been clipped, and what "
          + "rounding the scale moved; half a unit in the last place of plain types",
      "stored [elements] as stored; bounds [elements] float32",
      "elements",
      "every value stands alone",
      "0: the bound is what its float32 operations give"),
  JUDGE(
      "differences held against rounding",
      "of the pairs with |a − b| ≤ boundsA + boundsB ΣΔ² in double; largest |a − b| / (boundsA + "
          + "boundsB) with its index; how many differ, how many of these are within",
      "a [rows, columns] float32; "
          + "b [rows, columns] float32; "
          + "boundsA [rows, columns] float32; "
          + "boundsB [rows, columns] float32; "
          + "segments [rows, ⌈columns/4096⌉] records of 24 bytes",
      "rows, columns",
      "segments of 4096 in each row; sixteen lanes of doubles, lane i mod 16 in ascending order by "
          + "fma; then s = 8, 4, 2, 1",
      "ΣΔ² (⌈n/16⌉ + 9)·2⁻⁵³·ΣΔ² with n pairs in the segment; everything else 0"),
  SUMMARISE(
      "what values are like: counts, range, moments, hash",
      "Σx and Σx² in double, counts of NaN, +∞, −∞ and zeros, largest |x| with its index, smallest "
          + "and largest, all but the counts over the finite ones; hash of every bit and its place",
      "values [elements] float32; summary [1] record of 80 bytes",
      "elements",
      "segments of 4096; sixteen lanes of doubles, lane i mod 16 in ascending order, Σx by addition "
          + "and Σx² by fma; then s = 8, 4, 2, 1; the sums of segments in 256 lanes, lane s mod 256 "
          + "in ascending order, then s = 128, 64 … 1",
      "sums (⌈min(elements, 4096)/16⌉ + ⌈elements/2²⁰⌉ + 13)·2⁻⁵³·Σ|terms|; everything else 0");

  private final String title;
  private final String formula;
  private final String operands;
  private final String numbers;
  private final String order;
  private final String bound;

  Family(
      String title, String formula, String operands, String numbers, String order, String bound) {
    this.title = title;
    this.formula = formula;
    this.operands = operands;
    this.numbers = numbers;
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

  /**
   * Name, shape and elements of each operand, in the order of {@link Operation#operands}, separated
   * by semicolons.
   */
  public String operands() {
    return operands;
  }

  /** Names of {@link Operation#parameters}, in order, separated by commas. */
  public String numbers() {
    return numbers;
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
