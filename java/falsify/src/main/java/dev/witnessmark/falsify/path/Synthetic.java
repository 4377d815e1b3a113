package dev.witnessmark.falsify.path;

/** The inputs of the experiments, made from formulas of indices. */
public final class Synthetic {

  /** Float16 one. */
  public static final short ONE = 0x3c00;

  /** Float16 −1/4. */
  public static final short MINUS_QUARTER = (short) 0xb400;

  private Synthetic() {}

  /** The block of 008. */
  public static byte[] block() {
    return block(ONE, MINUS_QUARTER, 0, 0);
  }

  /**
   * A block: packed scales and minima (7i + 3 + row + 11·tensor) mod 256 for i = 0 … 11, codes (13i
   * + 17 + 3·row + 19·tensor) mod 256 for i = 0 … 127.
   *
   * @param d float16 scale of the scales
   * @param dmin float16 scale of the minima
   */
  public static byte[] block(short d, short dmin, int row, int tensor) {
    byte[] block = new byte[Q4kBlock.BYTES];
    block[0] = (byte) d;
    block[1] = (byte) (d >> 8);
    block[2] = (byte) dmin;
    block[3] = (byte) (dmin >> 8);
    for (int i = 0; i < 12; i++) {
      block[4 + i] = (byte) (7 * i + 3 + row + 11 * tensor);
    }
    for (int i = 0; i < 128; i++) {
      block[16 + i] = (byte) (13 * i + 17 + 3 * row + 19 * tensor);
    }
    return block;
  }

  /** 256 rows of one block, each the block of its row. */
  public static Q4kMatrix matrix(int tensor) {
    byte[] stored = new byte[Q4kMatrix.ROWS * Q4kBlock.BYTES];
    for (int row = 0; row < Q4kMatrix.ROWS; row++) {
      System.arraycopy(
          block(ONE, MINUS_QUARTER, row, tensor), 0, stored, row * Q4kBlock.BYTES, Q4kBlock.BYTES);
    }
    return new Q4kMatrix(stored);
  }

  /** 256 activations: (i − 128)·0.05 + (i mod 7 + token)·0.01. */
  public static float[] activations(int token) {
    float[] x = new float[Q4kBlock.WEIGHTS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - 128) * 0.05f + (i % 7 + token) * 0.01f;
    }
    return x;
  }
}
