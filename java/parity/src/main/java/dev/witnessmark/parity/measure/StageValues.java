package dev.witnessmark.parity.measure;

/** The values of a stage as arrays, row by row. */
public final class StageValues {

  private StageValues() {}

  /** The same numbers as float64. */
  public static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** The nearest float32 numbers. */
  public static float[] narrowed(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  /** Whether every value of two arrays of the same length has the same bits, those of NaN too. */
  public static boolean sameBits(float[] a, float[] b) {
    return firstDifference(a, b) < 0;
  }

  /** As {@link #sameBits(float[], float[])}. */
  public static boolean sameBits(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Double.doubleToRawLongBits(a[i]) != Double.doubleToRawLongBits(b[i])) {
        return false;
      }
    }
    return true;
  }

  /** Index of the first value with other bits in two arrays of the same length; −1 if none has. */
  public static int firstDifference(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
        return i;
      }
    }
    return -1;
  }
}
