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

  /**
   * The sum of the lanes by halves: l and l + s are added for l &lt; s, s = 8, 4, 2, 1. Written as
   * one expression because it is evaluated for every few thousand elements.
   */
  public double total() {
    double[] v = values;
    return (((v[0] + v[8]) + (v[4] + v[12])) + ((v[2] + v[10]) + (v[6] + v[14])))
        + (((v[1] + v[9]) + (v[5] + v[13])) + ((v[3] + v[11]) + (v[7] + v[15])));
  }
}
