package dev.witnessmark.explain.candidate;

import dev.witnessmark.explain.algebra.DenseMatrix;
import java.util.List;

/**
 * How the magnitudes of hidden states change over the layers, each {@code [prompts, width]}. D is
 * the change of |h| from one layer to the next.
 *
 * @param suppressed {@code min(Σ relu(D), Σ relu(−D))}: what comes and goes
 * @param amplified {@code relu(|h of the last layer| − |h of the first|)}
 * @param added {@code Σ relu(D)}
 */
record MagnitudeFeatures(DenseMatrix suppressed, DenseMatrix amplified, DenseMatrix added) {

  /** The features of {@code states}, one matrix {@code [prompts, width]} per layer. */
  static MagnitudeFeatures of(List<DenseMatrix> states) {
    int rows = states.getFirst().rows();
    int columns = states.getFirst().columns();
    double[] suppressed = new double[rows * columns];
    double[] amplified = new double[rows * columns];
    double[] added = new double[rows * columns];
    for (int i = 0; i < added.length; i++) {
      double removed = 0;
      for (int layer = 1; layer < states.size(); layer++) {
        double change =
            Math.abs(states.get(layer).values()[i]) - Math.abs(states.get(layer - 1).values()[i]);
        added[i] += Math.max(0, change);
        removed += Math.max(0, -change);
      }
      suppressed[i] = Math.min(added[i], removed);
      amplified[i] =
          Math.max(
              0, Math.abs(states.getLast().values()[i]) - Math.abs(states.getFirst().values()[i]));
    }
    return new MagnitudeFeatures(
        new DenseMatrix(rows, columns, suppressed),
        new DenseMatrix(rows, columns, amplified),
        new DenseMatrix(rows, columns, added));
  }
}
