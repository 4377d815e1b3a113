package dev.witnessmark.explain;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.EigenPairs;
import dev.witnessmark.explain.algebra.SymmetricEigen;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.source.Products;
import dev.witnessmark.explain.source.TensorDelta;
import java.io.IOException;
import java.util.Optional;

/**
 * The singular frame of one matrix, from Gram matrices of its shorter side alone. With {@code W =
 * U·S·Vᵀ} no wider than it is long, {@code C = Uᵀ·Δ·V = Uᵀ·(Δ·Wᵀ)·U·S⁻¹}; a longer one is turned.
 */
final class Spectrum {

  /** Part of the frame that counts as leading. */
  private static final double TOP = 0.1;

  /** Part of the unembedding's frame that counts as hardly read. */
  private static final double WEAK = 0.01;

  private Spectrum() {}

  /** How many directions of {@code frame} the unembedding hardly reads. */
  static int weak(int frame) {
    return share(WEAK, frame);
  }

  /** Rounded to the nearest whole number, half to even, but at least one. */
  private static int share(double share, int of) {
    return (int) Math.max(1, Math.rint(share * of));
  }

  /**
   * Holds a delta against the matrix that it changes.
   *
   * @param base Gram matrix of the shorter side of the matrix before
   * @param delta Gram matrix of the shorter side of the delta
   * @param weakBasis the directions that the unembedding hardly reads, if the matrix writes there
   * @param weakFrame number of right singular vectors of the unembedding
   */
  static SpectrumRow of(
      TensorDelta tensor,
      SymmetricMatrix base,
      SymmetricMatrix delta,
      Optional<Basis> weakBasis,
      int weakFrame)
      throws IOException {
    int frame = base.order();
    EigenPairs all = SymmetricEigen.largest(base, frame);
    double[] values = all.singularValues();
    // Δ·Wᵀ, or Δᵀ·W: the side that is summed over is the longer one.
    DenseMatrix cross =
        tensor.isWide()
            ? Products.productTransposed(tensor.delta(), tensor.base())
            : Products.transposedProduct(tensor.delta(), tensor.base());
    DenseMatrix inFrame = all.vectors().times(cross).timesTransposed(all.vectors());
    int top = share(TOP, frame);
    double leading = 0;
    double trailing = 0;
    double whole = 0;
    for (int i = 0; i < frame; i++) {
      for (int j = 0; j < frame; j++) {
        // A direction that the matrix does not have spans nothing of the frame.
        boolean there = values[j] > EigenPairs.GRAM_TOLERANCE * values[0];
        double entry = there ? inFrame.at(i, j) / values[j] : 0;
        whole += entry * entry;
        leading += i < top && j < top ? entry * entry : 0;
        trailing += i >= top && j >= top ? entry * entry : 0;
      }
    }
    double energy = delta.trace();
    SymmetricMatrix tuned =
        base.plus(delta).plus(new SymmetricMatrix(cross.plus(1, cross.transposed())));
    Optional<Double> weakEnergy = Optional.empty();
    if (weakBasis.isPresent() && tensor.isWriter()) {
      SymmetricMatrix written = tensor.isWide() ? delta : tensor.gramOfRows();
      weakEnergy = Optional.of(written.within(weakBasis.get()) / energy);
    }
    return new SpectrumRow(
        tensor.place(),
        tensor.name(),
        Math.sqrt(energy),
        frame,
        top,
        leading / whole,
        trailing / whole,
        whole / energy,
        top < frame ? (values[top - 1] - values[top]) / values[top - 1] : 1,
        weakEnergy.isPresent() ? weak(weakFrame) : 0,
        weakEnergy.orElse(Double.NaN),
        weakFrame,
        cosines(SymmetricEigen.largest(tuned, SpectrumRow.LOOKED_AT).vectors(), all.vectors()));
  }

  /** For each row of {@code tuned} the largest |cosine| with any row of {@code base}. */
  private static double[] cosines(DenseMatrix tuned, DenseMatrix base) {
    DenseMatrix products = tuned.timesTransposed(base);
    double[] largest = new double[tuned.rows()];
    for (int i = 0; i < largest.length; i++) {
      for (int j = 0; j < products.columns(); j++) {
        largest[i] = Math.max(largest[i], Math.abs(products.at(i, j)));
      }
    }
    return largest;
  }
}
