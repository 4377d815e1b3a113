package dev.witnessmark.kernels.numerics;

/**
 * Cosines and sines of the angles that rotary position embedding turns pairs by: position ·
 * θ^(−2i/rotated) for pair i. Computed in double by functions that are the same on every machine,
 * rounded to float32 once, so that every device rotates by the same table.
 */
public final class RotaryTable {

  private RotaryTable() {}

  /**
   * The table of some positions.
   *
   * @param positions one for each row
   * @param rotated elements of a head that are rotated, an even number
   * @param theta the base
   * @return [positions, rotated/2, 2]: cosine, sine
   */
  public static float[] of(int[] positions, int rotated, double theta) {
    float[] table = new float[Math.multiplyExact(positions.length, rotated)];
    for (int row = 0; row < positions.length; row++) {
      for (int i = 0; i < rotated / 2; i++) {
        double angle = positions[row] * StrictMath.pow(theta, -2.0 * i / rotated);
        table[row * rotated + 2 * i] = (float) StrictMath.cos(angle);
        table[row * rotated + 2 * i + 1] = (float) StrictMath.sin(angle);
      }
    }
    return table;
  }
}
