package dev.witnessmark.explain.algebra;

import static dev.witnessmark.kernels.product.ProductKernel.STRIP;

/**
 * A panel {@code [depth, columns]} cut into strips of {@link
 * dev.witnessmark.kernels.product.ProductKernel#STRIP} columns, the last filled up with zeros.
 *
 * @param depth rows of the panel, over which products sum
 * @param columns columns of the panel
 * @param strips one array per strip, {@code [depth, STRIP]} row-major
 */
record PackedPanel(int depth, int columns, double[][] strips) {

  static PackedPanel of(DenseMatrix panel) {
    double[][] strips = strips(panel.rows(), panel.columns());
    double[] values = panel.values();
    for (int s = 0; s < strips.length; s++) {
      int width = Math.min(STRIP, panel.columns() - s * STRIP);
      for (int k = 0; k < panel.rows(); k++) {
        System.arraycopy(values, k * panel.columns() + s * STRIP, strips[s], k * STRIP, width);
      }
    }
    return new PackedPanel(panel.rows(), panel.columns(), strips);
  }

  /** The panel whose columns are the rows of {@code turned}. */
  static PackedPanel ofTransposed(DenseMatrix turned) {
    int depth = turned.columns();
    double[][] strips = strips(depth, turned.rows());
    double[] values = turned.values();
    for (int row = 0; row < turned.rows(); row++) {
      double[] strip = strips[row / STRIP];
      for (int k = 0; k < depth; k++) {
        strip[k * STRIP + row % STRIP] = values[row * depth + k];
      }
    }
    return new PackedPanel(depth, turned.rows(), strips);
  }

  private static double[][] strips(int depth, int columns) {
    return new double[Math.ceilDiv(columns, STRIP)][Math.multiplyExact(depth, STRIP)];
  }
}
