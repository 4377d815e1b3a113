package dev.witnessmark.explain.algebra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Orthonormal bases by modified Gram-Schmidt with one pass of re-orthogonalisation. A direction
 * whose part outside those before it is no longer than {@link #SHORTEST} is left out, so that the
 * result spans exactly what was kept. (The published procedure drops columns of an unpivoted
 * Householder QR instead, which can lose part of later ones.)
 */
public final class GramSchmidt {

  /** Absolute: directions are not normalised first. */
  public static final double SHORTEST = 1e-5;

  private GramSchmidt() {}

  /** A basis of the span of the rows of {@code directions}. */
  public static Basis of(DenseMatrix directions) {
    List<double[]> kept = new ArrayList<>();
    for (int i = 0; i < directions.rows(); i++) {
      double[] candidate = directions.row(i);
      takeOff(candidate, kept);
      takeOff(candidate, kept);
      double length = Math.sqrt(dot(candidate, candidate));
      if (length > SHORTEST) {
        kept.add(Arrays.stream(candidate).map(value -> value / length).toArray());
      }
    }
    DenseMatrix rows = DenseMatrix.zeros(kept.size(), directions.columns());
    for (int i = 0; i < kept.size(); i++) {
      System.arraycopy(kept.get(i), 0, rows.values(), i * rows.columns(), rows.columns());
    }
    return new Basis(rows, Double.NaN);
  }

  /** A basis of the sum of subspaces. */
  public static Basis union(Basis... parts) {
    return of(DenseMatrix.stack(Arrays.stream(parts).map(Basis::rows).toList()));
  }

  /** A basis of {@code (I − FFᵀ)·B}: directions that {@code forbidden} holds whole vanish. */
  public static Basis projectAway(Basis basis, Basis forbidden) {
    return of(forbidden.takenOff(basis.rows()));
  }

  private static void takeOff(double[] candidate, List<double[]> kept) {
    for (double[] direction : kept) {
      double along = dot(direction, candidate);
      for (int j = 0; j < candidate.length; j++) {
        candidate[j] -= along * direction[j];
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }
}
