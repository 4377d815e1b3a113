package dev.witnessmark.parity.measure;

/**
 * What two sides think comes next.
 *
 * @param top most likely token of the reference
 * @param otherTop that of the other side
 * @param margin how far the reference's best logit is above its second
 * @param noise standard deviation of a logit that is not anybody's mistake: what rounding on the
 *     reference's own path does to it
 * @param largest largest difference of a logit
 * @param cosine of the two vectors
 * @param common how many of the reference's five likeliest tokens are among the other's
 * @param same whether all logits are equal
 */
public record LogitsMetrics(
    int top,
    int otherTop,
    double margin,
    double noise,
    double largest,
    double cosine,
    int common,
    boolean same) {

  /** How the two best tokens stand to each other. */
  public enum Choice {
    /** The same token. */
    SAME,
    /** Another, and the reference itself has no preference between its two best. */
    TIE,
    /** Another, and noise of this size does that by itself. */
    WITHIN_NOISE,
    /** Another, and noise does not explain it. */
    REAL
  }

  /** Noise of two logits is apart by √2 of one's; beyond three of that it is not noise. */
  private static final double SIGMAS = 3;

  private static final int LIKELIEST = 5;

  /** {@link #margin} in units of the standard deviation of the difference of two logits. */
  public double sigmas() {
    return noise == 0
        ? (margin == 0 ? 0 : Double.POSITIVE_INFINITY)
        : margin / (noise * Math.sqrt(2));
  }

  /** Whether the choice is the same, and if not, what that means. */
  public Choice choice() {
    if (top == otherTop) {
      return Choice.SAME;
    }
    if (margin == 0) {
      return Choice.TIE;
    }
    return sigmas() <= SIGMAS ? Choice.WITHIN_NOISE : Choice.REAL;
  }

  /**
   * The standard deviation of the difference of logits over the vocabulary, without what shifts all
   * alike.
   */
  public static double spread(float[] a, float[] b) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) b[i] - a[i];
      sum += difference;
      squares += difference * difference;
    }
    double mean = sum / a.length;
    return Math.sqrt(Math.max(0, squares / a.length - mean * mean));
  }

  /**
   * Compares logits of the same position.
   *
   * @param noise standard deviation of a logit by rounding alone, for example {@link #spread} of
   *     the reference's logits and the real ones
   */
  public static LogitsMetrics of(float[] reference, float[] other, double noise) {
    if (reference.length != other.length) {
      throw new IllegalArgumentException(
          "%d against %d logits".formatted(reference.length, other.length));
    }
    int[] best = likeliest(reference);
    int[] otherBest = likeliest(other);
    double largest = 0;
    double aa = 0;
    double bb = 0;
    double ab = 0;
    boolean same = true;
    for (int i = 0; i < reference.length; i++) {
      double difference = (double) other[i] - reference[i];
      same &= Float.floatToRawIntBits(other[i]) == Float.floatToRawIntBits(reference[i]);
      largest = Math.max(largest, Math.abs(difference));
      aa += (double) reference[i] * reference[i];
      bb += (double) other[i] * other[i];
      ab += (double) reference[i] * other[i];
    }
    int common = 0;
    for (int token : best) {
      for (int found : otherBest) {
        common += token == found ? 1 : 0;
      }
    }
    return new LogitsMetrics(
        best[0],
        otherBest[0],
        best.length < 2
            ? Double.POSITIVE_INFINITY
            : (double) reference[best[0]] - reference[best[1]],
        noise,
        largest,
        same ? 1 : ab / (Math.sqrt(aa) * Math.sqrt(bb)),
        common,
        same);
  }

  /** The largest logits, of equal ones the first; NaN counts as the smallest. */
  private static int[] likeliest(float[] logits) {
    int[] best = new int[Math.min(LIKELIEST, logits.length)];
    int found = 0;
    for (int token = 0; token < logits.length; token++) {
      int place = found;
      while (place > 0
          && !(logits[best[place - 1]] >= logits[token])
          && !Float.isNaN(logits[token])) {
        place--;
      }
      if (place < best.length) {
        int last = Math.min(found, best.length - 1);
        System.arraycopy(best, place, best, place + 1, last - place);
        best[place] = token;
        found = Math.min(found + 1, best.length);
      }
    }
    return best;
  }
}
