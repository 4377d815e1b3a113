package dev.witnessmark.kernels.product;

import dev.witnessmark.kernels.VectorWidth;
import java.util.Objects;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ProductKernel} on the Vector API. Four rows by three vectors of the tile stay in twelve
 * registers over a run of the depth: enough independent chains to keep two multiply-add units busy,
 * few enough for sixteen registers. Runs are so short that two strips stay in the first-level
 * cache.
 */
final class VectorProduct implements ProductKernel {

  static final VectorProduct INSTANCE = new VectorProduct();

  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, VectorShape.forBitSize(VectorWidth.bits()));
  private static final int LANES = DOUBLES.length();

  /** Rows of a strip that are worked on at a time: 24 KiB of each of the two. */
  private static final int RUN = 128;

  private VectorProduct() {}

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public void multiply(double[] a, int aAt, double[] b, int bAt, int depth, double[] tile) {
    Objects.checkFromIndexSize(aAt, depth * STRIP, a.length);
    Objects.checkFromIndexSize(bAt, depth * STRIP, b.length);
    Objects.checkFromIndexSize(0, TILE, tile.length);
    for (int k = 0; k < depth; k += RUN) {
      int run = Math.min(RUN, depth - k);
      for (int i = 0; i < STRIP; i += 4) {
        for (int j = 0; j < STRIP; j += 3 * LANES) {
          fourRows(a, aAt + k * STRIP + i, b, bAt + k * STRIP + j, run, tile, i * STRIP + j);
        }
      }
    }
  }

  private static void fourRows(
      double[] a, int aAt, double[] b, int bAt, int depth, double[] tile, int at) {
    int row1 = at + STRIP;
    int row2 = row1 + STRIP;
    int row3 = row2 + STRIP;
    DoubleVector c00 = DoubleVector.fromArray(DOUBLES, tile, at);
    DoubleVector c01 = DoubleVector.fromArray(DOUBLES, tile, at + LANES);
    DoubleVector c02 = DoubleVector.fromArray(DOUBLES, tile, at + 2 * LANES);
    DoubleVector c10 = DoubleVector.fromArray(DOUBLES, tile, row1);
    DoubleVector c11 = DoubleVector.fromArray(DOUBLES, tile, row1 + LANES);
    DoubleVector c12 = DoubleVector.fromArray(DOUBLES, tile, row1 + 2 * LANES);
    DoubleVector c20 = DoubleVector.fromArray(DOUBLES, tile, row2);
    DoubleVector c21 = DoubleVector.fromArray(DOUBLES, tile, row2 + LANES);
    DoubleVector c22 = DoubleVector.fromArray(DOUBLES, tile, row2 + 2 * LANES);
    DoubleVector c30 = DoubleVector.fromArray(DOUBLES, tile, row3);
    DoubleVector c31 = DoubleVector.fromArray(DOUBLES, tile, row3 + LANES);
    DoubleVector c32 = DoubleVector.fromArray(DOUBLES, tile, row3 + 2 * LANES);
    for (int k = 0; k < depth * STRIP; k += STRIP) {
      DoubleVector b0 = DoubleVector.fromArray(DOUBLES, b, bAt + k);
      DoubleVector b1 = DoubleVector.fromArray(DOUBLES, b, bAt + k + LANES);
      DoubleVector b2 = DoubleVector.fromArray(DOUBLES, b, bAt + k + 2 * LANES);
      DoubleVector a0 = DoubleVector.broadcast(DOUBLES, a[aAt + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      DoubleVector a1 = DoubleVector.broadcast(DOUBLES, a[aAt + k + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      DoubleVector a2 = DoubleVector.broadcast(DOUBLES, a[aAt + k + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      DoubleVector a3 = DoubleVector.broadcast(DOUBLES, a[aAt + k + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
    }
    c00.intoArray(tile, at);
    c01.intoArray(tile, at + LANES);
    c02.intoArray(tile, at + 2 * LANES);
    c10.intoArray(tile, row1);
    c11.intoArray(tile, row1 + LANES);
    c12.intoArray(tile, row1 + 2 * LANES);
    c20.intoArray(tile, row2);
    c21.intoArray(tile, row2 + LANES);
    c22.intoArray(tile, row2 + 2 * LANES);
    c30.intoArray(tile, row3);
    c31.intoArray(tile, row3 + LANES);
    c32.intoArray(tile, row3 + 2 * LANES);
  }
}
