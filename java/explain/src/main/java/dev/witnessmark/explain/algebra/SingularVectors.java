package dev.witnessmark.explain.algebra;

import org.netlib.lapack.Dgesdd;
import org.netlib.util.intW;

/**
 * Bases of leading singular vectors, cut at the numeric rank: the number of singular values above a
 * tolerance times the largest, none if that is nothing itself.
 */
public final class SingularVectors {

  /** Share of the largest below which a singular value is rounding, in double precision. */
  public static final double TOLERANCE = 1e-9;

  /** Up to this a decomposition in full is cheap; beyond it goes through a Gram matrix. */
  private static final int MOST_DIRECT = 256;

  private SingularVectors() {}

  /**
   * A singular value decomposition without what belongs to zeros by shape.
   *
   * @param left {@code [values, rows]}, one vector per row
   * @param values descending
   * @param right {@code [values, columns]}, one vector per row
   */
  public record Decomposition(DenseMatrix left, double[] values, DenseMatrix right) {

    /** Singular values above {@link #TOLERANCE} times the largest. */
    public int rank() {
      return SingularVectors.rank(values, TOLERANCE);
    }
  }

  /** The leading {@code k} right singular vectors of {@code matrix}, at most its rank. */
  public static Basis right(DenseMatrix matrix, int k) {
    int shorter = Math.min(matrix.rows(), matrix.columns());
    if (shorter == 0) {
      return Basis.empty(matrix.columns());
    }
    if (shorter <= MOST_DIRECT) {
      Decomposition svd = decompose(matrix);
      return leading(svd.values(), svd.right(), k, TOLERANCE);
    }
    if (matrix.columns() <= matrix.rows()) {
      return SymmetricEigen.leading(SymmetricMatrix.gramOfColumns(matrix), k);
    }
    // v = Xᵀu / s, orthonormal up to what squaring lost.
    Basis left = SymmetricEigen.leading(SymmetricMatrix.gramOfRows(matrix), k);
    DenseMatrix images = left.rows().times(matrix);
    return new Basis(GramSchmidt.of(images.normalisedRows()).rows(), left.boundaryGap());
  }

  /** The leading {@code k} left singular vectors of {@code matrix}, at most its rank. */
  public static Basis left(DenseMatrix matrix, int k) {
    return right(matrix.transposed(), k);
  }

  /** Number of {@code values}, descending, above {@code tolerance} times the first. */
  static int rank(double[] values, double tolerance) {
    int rank = 0;
    if (values.length > 0 && values[0] > EigenPairs.NOTHING) {
      while (rank < values.length && values[rank] > tolerance * values[0]) {
        rank++;
      }
    }
    return rank;
  }

  /** The first of {@code vectors} by their singular values, with the gap behind the last. */
  static Basis leading(double[] values, DenseMatrix vectors, int k, double tolerance) {
    int rank = rank(values, tolerance);
    int kept = Math.min(k, rank);
    if (kept == 0) {
      return Basis.empty(vectors.columns());
    }
    double next = kept < rank ? values[kept] : 0;
    return new Basis(vectors.rows(0, kept), (values[kept - 1] - next) / values[kept - 1]);
  }

  /** Decomposes {@code matrix} by divide and conquer (LAPACK's dgesdd). */
  public static Decomposition decompose(DenseMatrix matrix) {
    int rows = matrix.rows();
    int columns = matrix.columns();
    int count = Math.min(rows, columns);
    if (count == 0) {
      return new Decomposition(
          DenseMatrix.zeros(0, rows), new double[0], DenseMatrix.zeros(0, columns));
    }
    // LAPACK reads columns first: for it this is the transpose, whose left vectors are ours right.
    double[] values = new double[count];
    double[] right = new double[columns * count];
    double[] left = new double[count * rows];
    int work = count * (7 * count + 8) + Math.max(rows, columns) + 64;
    intW info = new intW(0);
    synchronized (Lapack.LOCK) {
      Dgesdd.dgesdd(
          "S",
          columns,
          rows,
          matrix.values().clone(),
          0,
          columns,
          values,
          0,
          right,
          0,
          columns,
          left,
          0,
          count,
          new double[work],
          0,
          work,
          new int[8 * count],
          0,
          info);
    }
    Lapack.require(info, "dgesdd");
    return new Decomposition(
        new DenseMatrix(rows, count, left).transposed(),
        values,
        new DenseMatrix(count, columns, right));
  }
}
