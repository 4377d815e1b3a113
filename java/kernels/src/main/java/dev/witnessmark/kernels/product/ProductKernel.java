package dev.witnessmark.kernels.product;

import dev.witnessmark.kernels.VectorWidth;
import java.util.List;

/**
 * One tile of {@code C += Aᵀ·B} in double precision, A {@code [depth, rows]}, B {@code [depth,
 * columns]}. Panels are held in strips of {@link #STRIP} columns, each {@code [depth, STRIP]}
 * row-major, and C in tiles {@code [STRIP, STRIP]}: what a tile needs lies side by side.
 *
 * <p>The arithmetic: {@code c[i, j] = fma(a[k, i], b[k, j], c[i, j])} for k ascending. Every
 * element has one chain of its own, so no vector width, no order of tiles, no cut of the depth and
 * no number of threads changes a bit, and a product of a panel with itself is symmetric to the bit.
 * After n steps the error is at most n·2⁻⁵³·Σ|a·b|.
 *
 * <p>Implementations hold no state and are safe for use by several threads.
 */
public interface ProductKernel {

  /** Columns of a strip: a whole number of vectors at every width, three of 512 bits. */
  int STRIP = 24;

  /** Elements of a tile. */
  int TILE = STRIP * STRIP;

  /** The oracle. */
  static ProductKernel scalar() {
    return ScalarProduct.INSTANCE;
  }

  /** The fastest one that {@link VectorWidth} allows. */
  static ProductKernel best() {
    return VectorWidth.available() ? VectorProduct.INSTANCE : scalar();
  }

  /** All that can run in this process, the scalar one first. */
  static List<ProductKernel> all() {
    return VectorWidth.available() ? List.of(scalar(), best()) : List.of(scalar());
  }

  /** What runs, for the run record: {@code scalar} or, for example, {@code vector-512}. */
  String implementation();

  /**
   * Adds the product of two strips to a tile.
   *
   * @param a holds a strip {@code [depth, STRIP]} from index {@code aAt}
   * @param b likewise; may be the same strip
   * @param depth rows of both strips
   * @param tile {@code [STRIP, STRIP]}, rows those of {@code Aᵀ}
   * @throws IndexOutOfBoundsException if a strip or the tile is shorter than that
   */
  void multiply(double[] a, int aAt, double[] b, int bAt, int depth, double[] tile);
}
