package dev.witnessmark.explain.candidate;

import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.source.Blocks;
import dev.witnessmark.explain.source.Products;
import java.io.IOException;

/**
 * What the MLP of a block makes of its inputs.
 *
 * @param gate {@code [m, d]}
 * @param up {@code [m, d]}
 * @param down {@code [d, m]}
 */
record GatedMlp(Blocks gate, Blocks up, Blocks down) {

  /** Mean over inputs {@code [n, d]} of {@code silu(x·Gᵀ)}: one number per neuron. */
  double[] meanGate(DenseMatrix inputs) throws IOException {
    return gates(inputs).columnMeans();
  }

  /** The left factor of the mean write: {@code down · diag(g) · up}, {@code [d, d]}. */
  DenseMatrix kernel(double[] meanGate) throws IOException {
    return Products.product(down, new Blocks.ScaledRows(up, meanGate));
  }

  /** What is written for inputs {@code [n, d]}: {@code (silu(x·Gᵀ) ∘ x·Uᵀ)·Dᵀ}, {@code [n, d]}. */
  DenseMatrix written(DenseMatrix inputs) throws IOException {
    DenseMatrix gates = gates(inputs);
    DenseMatrix neurons = Products.timesTransposed(inputs, up);
    double[] active = new double[gates.values().length];
    for (int i = 0; i < active.length; i++) {
      active[i] = gates.values()[i] * neurons.values()[i];
    }
    return Products.timesTransposed(
        new DenseMatrix(neurons.rows(), neurons.columns(), active), down);
  }

  private DenseMatrix gates(DenseMatrix inputs) throws IOException {
    DenseMatrix z = Products.timesTransposed(inputs, gate);
    double[] gates = new double[z.values().length];
    for (int i = 0; i < gates.length; i++) {
      gates[i] = z.values()[i] / (1 + StrictMath.exp(-z.values()[i]));
    }
    return new DenseMatrix(z.rows(), z.columns(), gates);
  }
}
