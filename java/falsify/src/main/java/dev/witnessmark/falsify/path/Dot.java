package dev.witnessmark.falsify.path;

/** Products of vectors in the orders that the experiments compare. */
public final class Dot {

  private static final int LANES = 8;

  private Dot() {}

  /** Path A's order: multiplied, then added, each rounded to float32, from left to right. */
  public static float sequential(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /**
   * Eight lanes by fma, as one AVX2 register holds them: lane i mod 8 in ascending order.
   *
   * @param a as many values as {@code b}
   */
  public static float[] lanes(float[] a, float[] b) {
    float[] lanes = new float[LANES];
    for (int i = 0; i < a.length; i++) {
      lanes[i % LANES] = Math.fma(a[i], b[i], lanes[i % LANES]);
    }
    return lanes;
  }

  /** The sum of eight lanes: lanes i and i + 4, then (0 + 2) + (1 + 3). */
  public static float acrossHalves(float[] lanes) {
    return acrossHalf(
        lanes[4] + lanes[0], lanes[5] + lanes[1], lanes[6] + lanes[2], lanes[7] + lanes[3]);
  }

  /** The sum of eight lanes: lanes i and i + 4, then neighbours, (0 + 1) + (2 + 3). */
  public static float acrossNeighbours(float[] lanes) {
    return ((lanes[4] + lanes[0]) + (lanes[5] + lanes[1]))
        + ((lanes[6] + lanes[2]) + (lanes[7] + lanes[3]));
  }

  /** (0 + 2) + (1 + 3). */
  static float acrossHalf(float lane0, float lane1, float lane2, float lane3) {
    return (lane0 + lane2) + (lane1 + lane3);
  }

  /** The product in double, from left to right. */
  public static double exact(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
