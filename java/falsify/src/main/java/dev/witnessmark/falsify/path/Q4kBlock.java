package dev.witnessmark.falsify.path;

/**
 * A super-block of Q4_K, 144 bytes for 256 weights: float16 scale d of the scales, float16 scale
 * dmin of the minima, eight scales and eight minima of six bits, 256 codes of four bits.
 */
public final class Q4kBlock {

  /** Weights of a block. */
  public static final int WEIGHTS = 256;

  /** Bytes of a block. */
  public static final int BYTES = 144;

  /** Sub-blocks of {@link #SUB_BLOCK} weights that share a scale and a minimum. */
  static final int SUB_BLOCKS = 8;

  static final int SUB_BLOCK = 32;

  private static final int PACKED_AT = 4;
  private static final int CODES_AT = 16;

  private final float d;
  private final float dmin;
  private final int[] scales = new int[SUB_BLOCKS];
  private final int[] minima = new int[SUB_BLOCKS];
  private final byte[] codes = new byte[WEIGHTS];

  /** Takes the block apart that begins at byte {@code at}. */
  public Q4kBlock(byte[] stored, int at) {
    d = float16(stored, at);
    dmin = float16(stored, at + 2);
    for (int j = 0; j < SUB_BLOCKS; j++) {
      int low = stored[at + PACKED_AT + j] & 0xff;
      if (j < 4) {
        scales[j] = low & 63;
        minima[j] = stored[at + PACKED_AT + j + 4] & 63;
      } else {
        int both = stored[at + PACKED_AT + j + 4] & 0xff;
        scales[j] = (both & 15) | ((stored[at + PACKED_AT + j - 4] & 0xff) >> 6 << 4);
        minima[j] = (both >> 4) | (low >> 6 << 4);
      }
    }
    for (int i = 0; i < WEIGHTS; i++) {
      // Bytes 32g … 32g + 31 hold sub-block 2g in their low halves and 2g + 1 in their high ones.
      int pair = stored[at + CODES_AT + i / 64 * SUB_BLOCK + i % SUB_BLOCK] & 0xff;
      codes[i] = (byte) (i / SUB_BLOCK % 2 == 0 ? pair & 15 : pair >> 4);
    }
  }

  private static float float16(byte[] stored, int at) {
    return Float.float16ToFloat((short) ((stored[at] & 0xff) | stored[at + 1] << 8));
  }

  public float d() {
    return d;
  }

  public float dmin() {
    return dmin;
  }

  public int scale(int subBlock) {
    return scales[subBlock];
  }

  public int minimum(int subBlock) {
    return minima[subBlock];
  }

  /** Code of a weight, 0 … 15. */
  public int code(int weight) {
    return codes[weight];
  }

  /** The weights: (d·scale)·code − dmin·minimum, every operation rounded to float32. */
  public float[] weights() {
    float[] weights = new float[WEIGHTS];
    for (int i = 0; i < WEIGHTS; i++) {
      int j = i / SUB_BLOCK;
      weights[i] = (d * scales[j]) * codes[i] - dmin * minima[j];
    }
    return weights;
  }

  /** The same with the last product and the subtraction rounded once, as compilers may contract. */
  public float[] contractedWeights() {
    float[] weights = new float[WEIGHTS];
    for (int i = 0; i < WEIGHTS; i++) {
      int j = i / SUB_BLOCK;
      weights[i] = Math.fma(d * scales[j], codes[i], -(dmin * minima[j]));
    }
    return weights;
  }

  /** Wrong weights: a byte's two codes taken for those of weights 2k and 2k + 1 of its 64. */
  public float[] neighbourWeights() {
    float[] weights = new float[WEIGHTS];
    for (int i = 0; i < WEIGHTS; i++) {
      int j = i / SUB_BLOCK;
      int code = codes[i / 64 * 64 + i % 2 * SUB_BLOCK + i % 64 / 2];
      weights[i] = (d * scales[j]) * code - dmin * minima[j];
    }
    return weights;
  }
}
