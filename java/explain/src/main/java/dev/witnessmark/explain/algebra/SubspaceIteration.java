package dev.witnessmark.explain.algebra;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.netlib.lapack.Dgeqrf;
import org.netlib.lapack.Dorgqr;
import org.netlib.util.intW;

/**
 * The leading eigenvectors of a large positive semidefinite matrix by block power iteration with a
 * Rayleigh-Ritz step in every round. It is the subspace that has to converge, not the values: the
 * projector on it may change by no more than {@link #CHANGE} in a round, and the residual may be no
 * longer than {@link #RESIDUAL} of the largest eigenvalue. Where the spectrum is too flat for that
 * in {@link #MOST_ROUNDS}, there is no result, and all of the matrix has to be decomposed.
 */
final class SubspaceIteration {

  /** Of the projector from one round to the next, Frobenius. */
  private static final double CHANGE = 1e-6;

  private static final double RESIDUAL = 1e-7;

  /** As much work as reducing a matrix of order 4096 to tridiagonal form. */
  private static final int MOST_ROUNDS = 100;

  /** Directions that are iterated for each one wanted: twice as many again keep errors small. */
  private static final int OVERSAMPLING = 3;

  /** Where random directions begin: the same ones always. */
  private static final long SEED = 20260426;

  private SubspaceIteration() {}

  /** Whether a full decomposition costs much more than iterating for {@code count} vectors. */
  static boolean isWorthIt(int order, int count) {
    return order > 1024 && 8L * OVERSAMPLING * count <= order;
  }

  /**
   * The {@code count} largest eigenvalues, descending, with their vectors. The space of all but the
   * last has converged; the last value is there to tell the gap, and is good to the square of its
   * vector's error.
   *
   * @return empty if the space did not converge
   */
  static Optional<EigenPairs> largest(SymmetricMatrix matrix, int count) {
    int order = matrix.order();
    PackedPanel packed = PackedPanel.of(matrix.full());
    DenseMatrix directions = orthonormal(random(OVERSAMPLING * count, order));
    DenseMatrix before = DenseMatrix.zeros(0, order);
    for (int round = 0; round < MOST_ROUNDS; round++) {
      DenseMatrix images = PanelSum.of(PackedPanel.ofTransposed(directions), packed);
      EigenPairs ritz = SymmetricEigen.largest(symmetric(images, directions), count);
      DenseMatrix vectors = ritz.vectors().times(directions);
      // Directions without energy are nobody's: they need not stay the same.
      int live = SingularVectors.rank(ritz.singularValues(), EigenPairs.GRAM_TOLERANCE);
      DenseMatrix leading = vectors.rows(0, Math.min(Math.max(1, count - 1), live));
      if (change(leading, before) < CHANGE && residual(ritz, images, leading) < RESIDUAL) {
        return Optional.of(new EigenPairs(ritz.values(), orthonormal(vectors)));
      }
      before = leading;
      directions = orthonormal(images);
    }
    return Optional.empty();
  }

  /** {@code ‖P − P'‖} of the projectors on the spaces that two orthonormal sets of rows span. */
  private static double change(DenseMatrix rows, DenseMatrix before) {
    return before.rows() != rows.rows()
        ? Double.POSITIVE_INFINITY
        // Not 2·(k − ‖R·R'ᵀ‖²), in which half of the digits would cancel.
        : Math.sqrt(2 * new Basis(before, Double.NaN).takenOff(rows).squaredNorm());
  }

  /** {@code ‖V·G − Θ·V‖} over the largest eigenvalue. */
  private static double residual(EigenPairs ritz, DenseMatrix images, DenseMatrix leading) {
    DenseMatrix mapped = ritz.vectors().rows(0, leading.rows()).times(images);
    double[] values = Arrays.copyOf(ritz.values(), leading.rows());
    double length = Math.sqrt(mapped.minus(leading.scaledRows(values)).squaredNorm());
    return length == 0 ? 0 : length / values[0];
  }

  /** {@code Q·G·Qᵀ}, equal on both sides of the diagonal to the bit. */
  private static SymmetricMatrix symmetric(DenseMatrix images, DenseMatrix directions) {
    DenseMatrix core = images.timesTransposed(directions);
    return new SymmetricMatrix(core.plus(1, core.transposed())).scaled(0.5);
  }

  private static DenseMatrix random(int rows, int columns) {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] values = new double[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return new DenseMatrix(rows, columns, values);
  }

  /** An orthonormal set of as many rows, by Householder QR (LAPACK's dgeqrf and dorgqr). */
  private static DenseMatrix orthonormal(DenseMatrix rows) {
    int count = rows.rows();
    int width = rows.columns();
    double[] q = rows.values().clone();
    double[] factors = new double[count];
    int size = 32 * count;
    double[] work = new double[size];
    intW info = new intW(0);
    synchronized (Lapack.LOCK) {
      Dgeqrf.dgeqrf(width, count, q, 0, width, factors, 0, work, 0, size, info);
      Lapack.require(info, "dgeqrf");
      Dorgqr.dorgqr(width, count, count, q, 0, width, factors, 0, work, 0, size, info);
    }
    Lapack.require(info, "dorgqr");
    return new DenseMatrix(count, width, q);
  }
}
