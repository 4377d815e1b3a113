package dev.witnessmark.falsify.path;

/**
 * A block of 256 activations, quantised as the experiments did it: scale = max|x|/127 (1/127 where
 * all are below 1e-10), code = x·(1/scale) rounded half away from zero. It is neither ggml's Q8_K,
 * whose scale has the sign of the largest value, nor what the kernels of this program do.
 *
 * @param scale value of a code of one
 * @param codes −127 … 127
 */
@SuppressWarnings("ArrayRecordComponent") // Made and read here; never compared.
public record Q8Activations(float scale, byte[] codes) {

  private static final float SMALLEST = 1e-10f;
  private static final int LARGEST_CODE = 127;

  /** Quantises a block with one scale. */
  public static Q8Activations of(float[] x) {
    float largest = 0;
    for (float value : x) {
      largest = Math.max(largest, Math.abs(value));
    }
    float scale = largest > SMALLEST ? largest / LARGEST_CODE : 1f / LARGEST_CODE;
    float inverse = 1 / scale;
    byte[] codes = new byte[x.length];
    for (int i = 0; i < x.length; i++) {
      codes[i] = (byte) Math.clamp(Math.round(halfAwayFromZero(x[i] * inverse)), -128, 127);
    }
    return new Q8Activations(scale, codes);
  }

  /** In double, since adding a half to a float just below a half would carry it over. */
  private static double halfAwayFromZero(float value) {
    return Math.copySign(Math.floor(Math.abs((double) value) + 0.5), value);
  }

  /** What is multiplied by one code. */
  public float inverse() {
    return 1 / scale;
  }

  /** The activations that the codes stand for, rounded to float32. */
  public float[] values() {
    float[] values = new float[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = codes[i] * scale;
    }
    return values;
  }

  /** The sum of the codes of a sub-block. */
  public int sum(int subBlock) {
    int sum = 0;
    for (int l = 0; l < Q4kBlock.SUB_BLOCK; l++) {
      sum += codes[Q4kBlock.SUB_BLOCK * subBlock + l];
    }
    return sum;
  }

  /** Σ code of weight · code of activation over a sub-block. */
  public int dot(Q4kBlock block, int subBlock) {
    int dot = 0;
    for (int l = 0; l < Q4kBlock.SUB_BLOCK; l++) {
      int i = Q4kBlock.SUB_BLOCK * subBlock + l;
      dot += block.code(i) * codes[i];
    }
    return dot;
  }
}
