package dev.witnessmark.kernels.numerics;

/**
 * Cosines and sines of the angles that rotary position embedding turns pairs by: the position times
 * the frequency of the pair. Computed in double by functions that are the same on every machine,
 * and rounded to float32 once, so that every device rotates by the same table.
 */
public final class RotaryTable {

  private RotaryTable() {}

  /**
   * The table of some positions, before it is rounded.
   *
   * @param positions one for each row
   * @param frequencies the angle per position of each pair, in radians
   * @param temperature what cosines and sines are multiplied by
   * @return [positions, pairs, 2]: cosine, sine
   */
  public static double[] of(int[] positions, double[] frequencies, double temperature) {
    double[] table =
        new double[Math.multiplyExact(positions.length, Math.multiplyExact(2, frequencies.length))];
    int at = 0;
    for (int position : positions) {
      for (double frequency : frequencies) {
        double angle = position * frequency;
        table[at++] = temperature * StrictMath.cos(angle);
        table[at++] = temperature * StrictMath.sin(angle);
      }
    }
    return table;
  }

  /**
   * The table of some positions, of unscaled frequencies.
   *
   * @param positions one for each row
   * @param rotated elements of a head that are rotated, an even number
   * @param theta the base
   * @return [positions, rotated/2, 2]: cosine, sine
   */
  public static float[] of(int[] positions, int rotated, double theta) {
    double[] table = of(positions, frequencies(rotated, theta), 1);
    float[] rounded = new float[table.length];
    for (int i = 0; i < table.length; i++) {
      rounded[i] = (float) table[i];
    }
    return rounded;
  }

  /** The angle per position of each pair: θ^(−2i/rotated) for pair i. */
  private static double[] frequencies(int rotated, double theta) {
    double[] frequencies = new double[rotated / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = StrictMath.pow(theta, -2.0 * i / rotated);
    }
    return frequencies;
  }
}
