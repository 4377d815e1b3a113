package dev.witnessmark.kernels;

import java.util.Arrays;

/**
 * The sixteen running lanes of one sum over a segment: element i belongs to lane i mod 16, and the
 * lanes are added by halves at the end. Sixteen is what a 512-bit vector of floats holds, and a
 * multiple of every narrower one.
 */
public final class LaneSum {

  /** How many lanes there are. */
  public static final int COUNT = 16;

  private final double[] values = new double[COUNT];

  /** The lanes themselves, for vectors to be stored into. */
  public double[] values() {
    return values;
  }

  /** Every lane to +0. */
  public void clear() {
    Arrays.fill(values, 0);
  }

  /** Adds {@code term} to the lane of element {@code i}. */
  public void add(int i, double term) {
    values[i % COUNT] += term;
  }

  /** Adds {@code x}·{@code y} to the lane of element {@code i}, with one rounding. */
  public void addProduct(int i, double x, double y) {
    int lane = i % COUNT;
    values[lane] = Math.fma(x, y, values[lane]);
  }

  /** Whether every lane is a finite number. */
  public boolean finite() {
    boolean finite = true;
    for (double value : values) {
      finite &= Double.isFinite(value);
    }
    return finite;
  }

  /** The sum of the lanes: l and l + s are added for l &lt; s, s = 8, 4, 2, 1. They are used up. */
  public double fold() {
    for (int half = COUNT / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        values[lane] += values[lane + half];
      }
    }
    return values[0];
  }
}
