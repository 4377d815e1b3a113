package dev.witnessmark.falsify.path;

/** 256 rows of one Q4_K block each, stored and decoded. */
public final class Q4kMatrix {

  /** Rows, as many as columns. */
  public static final int ROWS = Q4kBlock.WEIGHTS;

  private final byte[] stored;
  private final Q4kBlock[] rows = new Q4kBlock[ROWS];
  private final float[][] weights = new float[ROWS][];

  Q4kMatrix(byte[] stored) {
    this.stored = stored;
    for (int row = 0; row < ROWS; row++) {
      rows[row] = new Q4kBlock(stored, row * Q4kBlock.BYTES);
      weights[row] = rows[row].weights();
    }
  }

  /** The blocks as a file would hold them. */
  public byte[] stored() {
    return stored.clone();
  }

  /** Path A: every row decoded, then multiplied and added from left to right. */
  public float[] dequantised(float[] x) {
    float[] y = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      y[row] = Dot.sequential(weights[row], x);
    }
    return y;
  }

  /** Path B: every row as integers with activations that are quantised once. */
  public float[] fused(float[] x, FusedKernel kernel) {
    Q8Activations quantised = Q8Activations.of(x);
    float[] y = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      y[row] = kernel.dot(rows[row], quantised);
    }
    return y;
  }

  /** The product in double. */
  double[] times(double[] x) {
    double[] y = new double[ROWS];
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < x.length; i++) {
        y[row] += weights[row][i] * x[i];
      }
    }
    return y;
  }

  /** The product of the transposed matrix in double. */
  double[] transposedTimes(double[] x) {
    double[] y = new double[ROWS];
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < y.length; i++) {
        y[i] += weights[row][i] * x[row];
      }
    }
    return y;
  }
}
