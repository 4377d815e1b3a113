package dev.witnessmark.explain.candidate;

import dev.witnessmark.explain.algebra.DenseMatrix;

/**
 * The difference of two personas token by token, weighted by how much the last token attends to
 * each. Prompts are aligned to the right; the shorter side is padded with zeros on the left, with
 * attention 0. Where only one side has a token, its row is that raw state, which {@code max} and
 * {@code |difference|} weight as any other.
 *
 * @param difference {@code [prompts · tokens, width]}
 * @param positive attention, {@code [prompts, tokens]}
 * @param negative likewise
 */
record TokenContrast(DenseMatrix difference, DenseMatrix positive, DenseMatrix negative) {

  /** Added to every weight before its root is taken. */
  private static final double FLOOR = 1e-12;

  /** How the attention of both sides becomes one weight. */
  enum Weighting {
    /** {@code min(a⁺, a⁻)} */
    MIN,
    /** {@code max(a⁺, a⁻)} */
    MAX,
    /** {@code |a⁺ − a⁻|} */
    DIFFERENCE,
    /** {@code min(a⁺, a⁻)} times the length of the difference over the mean of those not zero. */
    MIN_TIMES_NORM
  }

  /**
   * The contrast of one layer.
   *
   * @param positiveStates {@code [prompts · tokens⁺, width]}
   * @param negativeStates {@code [prompts · tokens⁻, width]}
   * @param positive attention {@code [prompts, tokens⁺]}
   * @param negative attention {@code [prompts, tokens⁻]}
   */
  static TokenContrast of(
      DenseMatrix positiveStates,
      DenseMatrix negativeStates,
      DenseMatrix positive,
      DenseMatrix negative) {
    int prompts = positive.rows();
    int tokens = Math.max(positive.columns(), negative.columns());
    DenseMatrix padded = padded(positiveStates, prompts, positive.columns(), tokens);
    return new TokenContrast(
        padded.minus(padded(negativeStates, prompts, negative.columns(), tokens)),
        padded(positive, tokens),
        padded(negative, tokens));
  }

  private static DenseMatrix padded(DenseMatrix states, int prompts, int from, int to) {
    int width = states.columns();
    return reshaped(
        padded(reshaped(states, prompts, from * width), to * width), prompts * to, width);
  }

  private static DenseMatrix reshaped(DenseMatrix matrix, int rows, int columns) {
    return new DenseMatrix(rows, columns, matrix.values());
  }

  /** {@code matrix} with zeros on the left up to {@code columns}. */
  private static DenseMatrix padded(DenseMatrix matrix, int columns) {
    DenseMatrix padded = DenseMatrix.zeros(matrix.rows(), columns);
    int shift = columns - matrix.columns();
    for (int i = 0; i < matrix.rows(); i++) {
      System.arraycopy(
          matrix.values(),
          i * matrix.columns(),
          padded.values(),
          i * columns + shift,
          matrix.columns());
    }
    return padded;
  }

  /** One weight per row of the difference. */
  double[] weights(Weighting weighting) {
    double[] norms = difference.rowSquares();
    double sum = 0;
    int live = 0;
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(norms[i]);
      sum += norms[i];
      live += norms[i] > 0 ? 1 : 0;
    }
    double scale = live == 0 ? 1 : sum / live;
    double[] weights = new double[norms.length];
    for (int i = 0; i < weights.length; i++) {
      double plus = positive.values()[i];
      double minus = negative.values()[i];
      weights[i] =
          switch (weighting) {
            case MIN -> Math.min(plus, minus);
            case MAX -> Math.max(plus, minus);
            case DIFFERENCE -> Math.abs(plus - minus);
            case MIN_TIMES_NORM -> Math.min(plus, minus) * norms[i] / scale;
          };
    }
    return weights;
  }

  /** The rows of the difference, each times the root of its weight. */
  DenseMatrix weighted(Weighting weighting) {
    double[] roots = weights(weighting);
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(roots[i] + FLOOR);
    }
    return difference.scaledRows(roots);
  }
}
