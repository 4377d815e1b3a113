package dev.witnessmark.explain.source;

import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * How large a delta is, and how much of it can be rounding. The variance of the rounding of a value
 * that differs is a third of the squared half-width of each side that was rounded to its storage,
 * as for an error spread evenly over it. The base counts as rounded if it is kept in blocks, codes
 * or F16, not if it is kept in a type that models are trained in: then it is what tuning began
 * with.
 *
 * @param energy {@code ‖Δ‖²}
 * @param baseEnergy {@code ‖W‖²} of the matrix before
 * @param rounding expected energy of the rounding in Δ: the sum of all variances; NaN where a type
 *     does not tell its half-widths
 * @param noiseEdge the largest singular value that rounding alone is expected to reach: the root of
 *     the largest sum of variances of a row plus that of a column (A. Bandeira and R. van Handel,
 *     2016, for independent entries of unequal variance)
 */
public record DeltaSize(double energy, double baseEnergy, double rounding, double noiseEdge) {

  /** Values of one slice. */
  private static final int SLICE = 1 << 20;

  /**
   * Reads a delta once.
   *
   * @throws Refusal.Unsupported if values are not finite
   */
  public static DeltaSize of(TensorDelta tensor) throws IOException {
    StoredBlocks base = tensor.base();
    double energy = 0;
    double baseEnergy = 0;
    double rounding = 0;
    double largestOfRows = 0;
    double[] ofColumns = new double[base.columns()];
    int step = Math.max(1, SLICE / Math.max(1, base.columns()));
    for (int row = 0; row < base.rows(); row += step) {
      int rows = Math.min(step, base.rows() - row);
      DenseMatrix delta = tensor.delta().block(row, rows, 0, base.columns());
      energy += delta.squaredNorm();
      baseEnergy += base.block(row, rows, 0, base.columns()).squaredNorm();
      if (!tensor.factored()) {
        double[] variances = new double[delta.values().length];
        addVariances(variances, delta, tensor.tuned(), row, rows);
        if (isRounded(base)) {
          addVariances(variances, delta, base, row, rows);
        }
        for (int i = 0; i < rows; i++) {
          double ofRow = 0;
          for (int j = 0; j < ofColumns.length; j++) {
            double variance = variances[i * ofColumns.length + j];
            ofRow += variance;
            ofColumns[j] += variance;
          }
          rounding += ofRow;
          largestOfRows = Math.max(largestOfRows, ofRow);
        }
      }
    }
    if (!Double.isFinite(energy) || !Double.isFinite(baseEnergy)) {
      throw new Refusal.Unsupported(
          tensor.name(), tensor.name(), -1, "holds values that are not finite on one side");
    }
    double largestOfColumns = Arrays.stream(ofColumns).max().orElse(0);
    return new DeltaSize(
        energy, baseEnergy, rounding, Math.sqrt(largestOfRows) + Math.sqrt(largestOfColumns));
  }

  private static boolean isRounded(StoredBlocks base) {
    return base.matrix().type().quantised()
        || base.matrix().isCoded()
        || base.matrix().type() == TensorType.F16;
  }

  private static void addVariances(
      double[] variances, DenseMatrix delta, StoredBlocks side, int row, int rows)
      throws IOException {
    Optional<DenseMatrix> widths = side.halfWidths(row, rows);
    double[] moved = delta.rowSquares();
    for (int i = 0; i < variances.length; i++) {
      if (moved[i / delta.columns()] > 0) {
        double width = widths.isPresent() ? widths.get().values()[i] : Double.NaN;
        variances[i] += width * width / 3;
      }
    }
  }

  /** Size of the delta over that of the base, both as norms. */
  public double relative() {
    return Math.sqrt(energy / baseEnergy);
  }

  /** Share of the delta's energy that is rounding: 0 to 1, NaN if that cannot be told. */
  public double roundingShare() {
    return energy == 0 ? 0 : Math.min(1, rounding / energy);
  }
}
