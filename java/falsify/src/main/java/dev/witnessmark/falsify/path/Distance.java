package dev.witnessmark.falsify.path;

/**
 * How far path B's vector is from path A's, as the experiments measured it: lengths in float32 from
 * left to right, the cosine in double.
 *
 * @param length ‖a − b‖
 * @param reference ‖a‖
 * @param cosine of the angle between them
 * @param largest largest |a − b|
 */
public record Distance(float length, float reference, double cosine, float largest) {

  public static Distance of(float[] a, float[] b) {
    float[] difference = new float[a.length];
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
      largest = Math.max(largest, Math.abs(difference[i]));
    }
    double cosine = Dot.exact(a, b) / (Math.sqrt(Dot.exact(a, a)) * Math.sqrt(Dot.exact(b, b)));
    return new Distance(length(difference), length(a), cosine, largest);
  }

  /** ‖a − b‖ / ‖a‖ in float32. */
  public float relative() {
    return length / reference;
  }

  private static float length(float[] v) {
    return (float) Math.sqrt(Dot.sequential(v, v));
  }
}
