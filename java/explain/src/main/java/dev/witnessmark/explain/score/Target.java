package dev.witnessmark.explain.score;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.EigenPairs;
import dev.witnessmark.explain.algebra.SymmetricEigen;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import java.util.Arrays;
import java.util.List;

/**
 * What a subspace is held against: a symmetric matrix S of trace 1 (0 if there is no energy), such
 * that the share of energy within an orthonormal basis B is {@code tr(BᵀSB)}. Weights and
 * activations alike.
 *
 * @param matrix S
 * @param ambient dimensions in which it lives: the width, or fewer where some were taken off
 * @param leading its largest eigenvalues, descending, as many as anything here asks for
 * @param squaredNorm {@code tr S²}
 */
public record Target(SymmetricMatrix matrix, int ambient, double[] leading, double squaredNorm) {

  /** Added to every denominator. */
  public static final double FLOOR = 1e-12;

  private static Target of(SymmetricMatrix matrix, int ambient, int most) {
    EigenPairs largest = SymmetricEigen.largest(matrix, most);
    return new Target(matrix, ambient, largest.values(), matrix.squaredNorm());
  }

  /**
   * A delta M by its Gram matrix: {@code M·Mᵀ / (‖M‖² + 1e-12)}.
   *
   * @param most eigenvalues that will be asked for
   */
  public static Target ofDelta(SymmetricMatrix gram, int most) {
    return of(gram.scaled(1 / (gram.trace() + FLOOR)), gram.order(), most);
  }

  /** Several deltas side by side, each scaled to norm 1 before: the mean of their targets. */
  public static Target ofBalancedDeltas(List<SymmetricMatrix> grams, int most) {
    SymmetricMatrix sum = SymmetricMatrix.zeros(grams.getFirst().order());
    for (SymmetricMatrix gram : grams) {
      double norm = Math.sqrt(gram.trace()) + FLOOR;
      sum = sum.plus(gram.scaled(1 / (norm * norm)));
    }
    return ofDelta(sum, most);
  }

  /**
   * Samples x {@code [n, width]}, all counting the same: the mean of {@code x·xᵀ / (‖x‖² + 1e-12)}.
   */
  public static Target ofSamples(DenseMatrix samples, int most) {
    return of(normalised(samples), samples.columns(), most);
  }

  /** Samples with {@code removed} taken off, in what is left of the space. */
  public static Target ofSamplesWithout(Basis removed, DenseMatrix samples, int most) {
    DenseMatrix rest = removed.takenOff(samples);
    return of(normalised(rest), samples.columns() - removed.rank(), most);
  }

  private static SymmetricMatrix normalised(DenseMatrix samples) {
    double[] squares = samples.rowSquares();
    double[] factors = new double[squares.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = 1 / Math.sqrt((squares[i] + FLOOR) * squares.length);
    }
    return SymmetricMatrix.gramOfColumns(samples.scaledRows(factors));
  }

  /** The largest share that any subspace of {@code rank} directions holds. */
  public double oracle(int rank) {
    return Arrays.stream(leading, 0, Math.min(rank, leading.length))
        .map(value -> Math.max(0, value))
        .sum();
  }

  /** The largest share that {@code count} directions at right angles to {@code basis} hold. */
  public double most(Basis basis, int count) {
    return Arrays.stream(SymmetricEigen.largest(matrix.without(basis), count).values()).sum();
  }

  /** The smallest share that {@code count} directions at right angles to {@code basis} hold. */
  public double least(Basis basis, int count) {
    // The directions of the basis itself are among the zeros of what is left: pass over them.
    EigenPairs smallest = SymmetricEigen.smallest(matrix.without(basis), basis.rank() + count);
    return Arrays.stream(smallest.values()).skip(basis.rank()).sum();
  }

  /** Whether there is no energy at all. */
  public boolean isEmpty() {
    return squaredNorm == 0;
  }

  /** {@code (tr S)² / tr S²}: over how many directions the energy is spread as if evenly. */
  public double participationRank() {
    double trace = matrix.trace();
    return trace * trace / squaredNorm;
  }

  /** {@code tr S} over the largest eigenvalue. */
  public double stableRank() {
    return matrix.trace() / leading[0];
  }
}
