package dev.witnessmark.falsify.path;

import java.util.ArrayList;
import java.util.List;

/** Matrix products one after the other, each result scaled to a root mean square of one. */
public final class Chain {

  private static final float SMALLEST_NORM = 1e-9f;

  private Chain() {}

  /** The product of a step's matrix, step 0 first, with what the step before left. */
  public interface Product {
    float[] times(int step, float[] x);
  }

  /** The vectors after each of {@code steps} steps. */
  public static List<float[]> run(float[] start, int steps, Product product) {
    List<float[]> after = new ArrayList<>();
    float[] x = start;
    for (int step = 0; step < steps; step++) {
      x = normalised(product.times(step, x));
      after.add(x);
    }
    return List.copyOf(after);
  }

  private static float[] normalised(float[] y) {
    return divided(y, norm(y));
  }

  /** The root mean square, at least 1e-9, summed from left to right in float32. */
  public static float norm(float[] y) {
    return Math.max((float) Math.sqrt(Dot.sequential(y, y) / y.length), SMALLEST_NORM);
  }

  /** y / norm, element by element. */
  public static float[] divided(float[] y, float norm) {
    float[] x = new float[y.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = y[i] / norm;
    }
    return x;
  }
}
