package dev.witnessmark.explain.algebra;

import java.util.Arrays;
import java.util.Optional;
import org.netlib.lapack.Dsyevd;
import org.netlib.lapack.Dsyevr;
import org.netlib.util.intW;

/** Eigenvectors of symmetric matrices. */
public final class SymmetricEigen {

  /** Vectors further from orthonormal are computed again by the slower method. */
  private static final double ORTHONORMAL = 1e-10;

  private SymmetricEigen() {}

  /** The leading {@code k} eigenvectors of a Gram matrix, at most its numeric rank. */
  public static Basis leading(SymmetricMatrix gram, int k) {
    return largest(gram, k + 1).leading(k);
  }

  /**
   * The {@code count} largest eigenvalues of a positive semidefinite matrix, or all if there are no
   * more, descending. Of a large one few are found by iteration; then the space of all but the last
   * is good to 1e-6, and the last value tells the gap behind it.
   */
  public static EigenPairs largest(SymmetricMatrix matrix, int count) {
    int order = matrix.order();
    int wanted = Math.min(count, order);
    requireFinite(matrix);
    if (SubspaceIteration.isWorthIt(order, wanted)) {
      Optional<EigenPairs> few = SubspaceIteration.largest(matrix, wanted);
      if (few.isPresent()) {
        return few.get();
      }
    }
    EigenPairs ascending = range(matrix, order - wanted + 1, order);
    DenseMatrix vectors = DenseMatrix.zeros(wanted, order);
    double[] values = new double[wanted];
    for (int i = 0; i < wanted; i++) {
      values[i] = ascending.values()[wanted - 1 - i];
      System.arraycopy(
          ascending.vectors().values(),
          (wanted - 1 - i) * order,
          vectors.values(),
          i * order,
          order);
    }
    return new EigenPairs(values, vectors);
  }

  /** The {@code count} smallest eigenvalues, or all if there are no more, ascending. */
  public static EigenPairs smallest(SymmetricMatrix matrix, int count) {
    return range(matrix, 1, Math.min(count, matrix.order()));
  }

  /** Eigenvalues number {@code first} to {@code last} of the ascending list, counted from 1. */
  private static EigenPairs range(SymmetricMatrix matrix, int first, int last) {
    int order = matrix.order();
    int wanted = last - first + 1;
    if (wanted <= 0) {
      return new EigenPairs(new double[0], DenseMatrix.zeros(0, order));
    }
    requireFinite(matrix);
    EigenPairs pairs = byRelativelyRobust(matrix, first, last);
    return new Basis(pairs.vectors(), Double.NaN).orthonormalityError() <= ORTHONORMAL
        ? pairs
        : byDivideAndConquer(matrix, first, last);
  }

  /** LAPACK need not end otherwise. */
  private static void requireFinite(SymmetricMatrix matrix) {
    if (!matrix.isFinite()) {
      throw new ArithmeticException("a matrix with values that are not finite");
    }
  }

  /** LAPACK's dsyevr: reduction to tridiagonal form, then only the vectors that are wanted. */
  private static EigenPairs byRelativelyRobust(SymmetricMatrix matrix, int first, int last) {
    int order = matrix.order();
    int wanted = last - first + 1;
    double[] values = new double[order];
    double[] vectors = new double[wanted * order];
    int work = 34 * order;
    int integers = 10 * order;
    intW found = new intW(0);
    intW info = new intW(0);
    synchronized (Lapack.LOCK) {
      Dsyevr.dsyevr(
          "V",
          "I",
          "U",
          order,
          matrix.full().values().clone(),
          0,
          order,
          0,
          0,
          first,
          last,
          0,
          found,
          values,
          0,
          vectors,
          0,
          order,
          new int[2 * order],
          0,
          new double[work],
          0,
          work,
          new int[integers],
          0,
          integers,
          info);
    }
    Lapack.require(info, "dsyevr");
    return new EigenPairs(Arrays.copyOf(values, wanted), new DenseMatrix(wanted, order, vectors));
  }

  /** LAPACK's dsyevd: all vectors, orthonormal however close the values. */
  private static EigenPairs byDivideAndConquer(SymmetricMatrix matrix, int first, int last) {
    int order = matrix.order();
    double[] vectors = matrix.full().values().clone();
    double[] values = new double[order];
    int work = Math.addExact(1 + 6 * order, Math.multiplyExact(2 * order, order));
    int integers = 3 + 5 * order;
    intW info = new intW(0);
    synchronized (Lapack.LOCK) {
      Dsyevd.dsyevd(
          "V",
          "U",
          order,
          vectors,
          0,
          order,
          values,
          0,
          new double[work],
          0,
          work,
          new int[integers],
          0,
          integers,
          info);
    }
    Lapack.require(info, "dsyevd");
    return new EigenPairs(
        Arrays.copyOfRange(values, first - 1, last),
        new DenseMatrix(order, order, vectors).rows(first - 1, last - first + 1));
  }
}
