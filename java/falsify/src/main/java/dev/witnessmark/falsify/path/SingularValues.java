package dev.witnessmark.falsify.path;

/**
 * The two largest singular values of a matrix, and the direction that it stretches most.
 *
 * @param first the largest
 * @param second the next
 * @param direction the right singular vector of the largest, of length one
 */
@SuppressWarnings("ArrayRecordComponent") // Made and read here; never compared.
public record SingularValues(double first, double second, double[] direction) {

  /** Far more than a ratio of 1.2 between neighbours needs for three digits. */
  private static final int ITERATIONS = 60;

  /** Power iteration on MᵀM with two vectors that are kept at right angles. */
  public static SingularValues of(Q4kMatrix matrix) {
    double[] v = new double[Q4kMatrix.ROWS];
    double[] w = new double[Q4kMatrix.ROWS];
    for (int i = 0; i < v.length; i++) {
      v[i] = 1;
      w[i] = StrictMath.sin(i);
    }
    double first = 0;
    double second = 0;
    for (int i = 0; i < ITERATIONS; i++) {
      v = matrix.transposedTimes(matrix.times(v));
      first = unit(v);
      w = matrix.transposedTimes(matrix.times(w));
      double along = dot(v, w);
      for (int k = 0; k < w.length; k++) {
        w[k] -= along * v[k];
      }
      second = unit(w);
    }
    return new SingularValues(Math.sqrt(first), Math.sqrt(second), v);
  }

  public double ratio() {
    return first / second;
  }

  /** |cosine| of the angle between {@code x} and the direction. */
  public double alignment(float[] x) {
    double along = 0;
    for (int i = 0; i < x.length; i++) {
      along += x[i] * direction[i];
    }
    return Math.abs(along) / Math.sqrt(Dot.exact(x, x));
  }

  /** Scales {@code v} to length one and returns the length that it had. */
  private static double unit(double[] v) {
    double length = Math.sqrt(dot(v, v));
    for (int i = 0; i < v.length; i++) {
      v[i] /= length;
    }
    return length;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
