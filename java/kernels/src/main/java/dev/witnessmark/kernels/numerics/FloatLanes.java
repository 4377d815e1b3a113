package dev.witnessmark.kernels.numerics;

import java.util.Arrays;

/**
 * The running lanes of a float32 sum: lane l takes the elements i with i mod lanes = l, in the
 * order in which they are given, and starts at +0. At the end lanes l and l + s are added for l
 * &lt; s, s = lanes/2, lanes/4 … 1.
 */
public final class FloatLanes {

  private final float[] values;

  private FloatLanes(int lanes) {
    values = new float[lanes];
  }

  /**
   * The lanes of dot256 and sum256: sixteen 512-bit registers, or eight lanes a thread of a warp.
   */
  public static FloatLanes of256() {
    return new FloatLanes(256);
  }

  /** The lanes of sums over blocks and cached positions. */
  public static FloatLanes of8() {
    return new FloatLanes(8);
  }

  /** Every lane to +0. */
  public void clear() {
    Arrays.fill(values, 0);
  }

  /** Adds {@code term} to the lane of element {@code i}. */
  public void add(int i, float term) {
    values[i & (values.length - 1)] += term;
  }

  /** Adds {@code x}·{@code y} to the lane of element {@code i}, with one rounding. */
  public void addProduct(int i, float x, float y) {
    int lane = i & (values.length - 1);
    values[lane] = Math.fma(x, y, values[lane]);
  }

  /** The sum of the lanes, which are used up. */
  public float total() {
    for (int s = values.length / 2; s > 0; s /= 2) {
      for (int l = 0; l < s; l++) {
        values[l] += values[l + s];
      }
    }
    return values[0];
  }
}
