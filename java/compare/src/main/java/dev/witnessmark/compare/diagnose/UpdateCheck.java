package dev.witnessmark.compare.diagnose;

import dev.witnessmark.compare.Expectation;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.AdaptedMatrix;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.LowRank;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Holds B against A + U, where U is an adapter's update: how much of U arrived, and how much was
 * lost when the sum was rounded to B's storage. One pass in float64.
 */
public final class UpdateCheck {

  private final Norm update = new Norm();
  private final Norm moved = new Norm();
  private final Norm residual = new Norm();
  private final Norm original = new Norm();
  private final Norm lostUpdate = new Norm();

  /** Σ of moves times updates, of moves that {@link Norm} takes as they are and of larger ones. */
  private double product;

  private double largeProduct;
  private long updated;
  private long lost;
  private long beyond;
  private double used;

  /** True if A is a value that B's storage can hold. */
  private final boolean sameGrid;

  private UpdateCheck(boolean sameGrid) {
    this.sameGrid = sameGrid;
  }

  /**
   * Checks one tensor.
   *
   * @param pair A and B in the orientation of the update
   */
  public static Expectation.ExpectedTensor of(TensorPair pair, LowRank update) throws IOException {
    UpdateCheck check =
        new UpdateCheck(pair.a().type() == pair.b().type() && !pair.b().type().quantised());
    long columns = pair.a().columns();
    int piece = (int) Math.min(columns, MatrixReader.PIECE);
    AdaptedMatrix sum =
        new AdaptedMatrix(pair.a(), update, AdaptedMatrix.keptAs(pair.a().type(), pair.b().type()));
    double[] delta = new double[piece];
    double[] unused = new double[piece];
    try (Staging staging = new Staging(KernelChoice.forValues(pair.a().elements()));
        MatrixReader a = pair.a().reader(staging);
        MatrixReader expected = sum.reader(staging);
        MatrixReader b = pair.b().reader(staging)) {
      for (long row = 0; row < pair.a().rows(); row++) {
        for (long column = 0; column < columns; column += piece) {
          int count = (int) Math.min(piece, columns - column);
          a.load(row * columns + column, count);
          b.load(row * columns + column, count);
          expected.load(row * columns + column, count);
          expected.values(0, count);
          update.row((int) row, (int) column, count, delta, unused);
          check.take(
              a.wideValues(0, count),
              b.wideValues(0, count),
              delta,
              expected.wideBounds(0, count),
              pair.b().bounded() ? b.wideBounds(0, count) : null,
              count);
        }
      }
    }
    return check.result(pair, update);
  }

  private void take(
      MemorySegment a,
      MemorySegment b,
      double[] update,
      MemorySegment boundsOfSum,
      @Nullable MemorySegment boundsB,
      int count) {
    for (int i = 0; i < count; i++) {
      double valueA = a.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      double valueB = b.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      double u = update[i];
      double move = valueB - valueA;
      this.update.add(u);
      moved.add(move);
      residual.add(move - u);
      original.add(valueA);
      if (Math.abs(move) > Norm.LARGE) {
        largeProduct += move * Norm.SMALLER * u;
      } else {
        product += move * u;
      }
      if (u != 0) {
        updated++;
        if (lost(u, move, boundsB == null ? 0 : boundsB.getAtIndex(ValueLayout.JAVA_DOUBLE, i))) {
          lost++;
          lostUpdate.add(u);
        }
      }
      if (boundsB != null) {
        double allowed =
            boundsB.getAtIndex(ValueLayout.JAVA_DOUBLE, i)
                + boundsOfSum.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        double off = Math.abs(move - u);
        // A sum that overflows has infinite bounds: they explain nothing.
        boolean explains = Double.isFinite(allowed);
        used = Math.max(used, explains ? off / allowed : Double.POSITIVE_INFINITY);
        if (!explains || !(off <= allowed)) {
          beyond++;
        }
      }
    }
  }

  /** On one grid a lost update leaves the value as it was; on another it is below half a step. */
  private boolean lost(double u, double move, double boundB) {
    return sameGrid ? move == 0 : Math.abs(u) < boundB;
  }

  private Expectation.ExpectedTensor result(TensorPair pair, LowRank update) {
    boolean bounded = pair.b().bounded();
    double norm = this.update.value();
    double lostNorm = lostUpdate.value();
    return new Expectation.ExpectedTensor(
        pair.a().name(),
        pair.identity(),
        pair.a().elements(),
        update.rank(),
        norm,
        original.value() == 0 ? null : norm / original.value(),
        norm == 0 ? null : residual.value() / norm,
        norm == 0 || moved.value() == 0 ? null : alignment(norm),
        lost,
        updated == 0 ? 0 : (double) lost / updated,
        norm == 0 ? 0 : lostNorm / norm * (lostNorm / norm),
        bounded ? beyond : null,
        bounded ? used : null);
  }

  private double alignment(double norm) {
    double cosine =
        largeProduct == 0
            ? product / moved.value() / norm
            : (largeProduct + product * Norm.SMALLER) / (moved.value() * Norm.SMALLER) / norm;
    return Math.clamp(cosine, -1.0, 1.0);
  }
}
