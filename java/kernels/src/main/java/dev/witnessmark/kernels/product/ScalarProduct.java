package dev.witnessmark.kernels.product;

import java.util.Objects;

/** The oracle of {@link ProductKernel}: the formula. */
final class ScalarProduct implements ProductKernel {

  static final ScalarProduct INSTANCE = new ScalarProduct();

  private ScalarProduct() {}

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  public void multiply(double[] a, int aAt, double[] b, int bAt, int depth, double[] tile) {
    Objects.checkFromIndexSize(aAt, depth * STRIP, a.length);
    Objects.checkFromIndexSize(bAt, depth * STRIP, b.length);
    Objects.checkFromIndexSize(0, TILE, tile.length);
    for (int k = 0; k < depth; k++) {
      for (int i = 0; i < STRIP; i++) {
        double factor = a[aAt + k * STRIP + i];
        for (int j = 0; j < STRIP; j++) {
          int at = i * STRIP + j;
          tile[at] = Math.fma(factor, b[bAt + k * STRIP + j], tile[at]);
        }
      }
    }
  }
}
