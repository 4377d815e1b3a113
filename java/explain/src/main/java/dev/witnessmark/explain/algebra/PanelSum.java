package dev.witnessmark.explain.algebra;

import static dev.witnessmark.kernels.product.ProductKernel.STRIP;
import static dev.witnessmark.kernels.product.ProductKernel.TILE;

import dev.witnessmark.kernels.product.ProductKernel;
import java.util.stream.IntStream;

/**
 * Σ {@code Aᵀ·B} over panels that come one after another, each element one fused chain over all
 * their rows in the order in which they come. Tiles are shared among the threads of the common
 * pool; that changes no bit.
 */
public final class PanelSum {

  /**
   * Multiplications above which a product is left to vector code: scalar code has done fewer before
   * the compiler has warmed vector code up.
   */
  private static final long WORTH_WARMING_UP = 1L << 26;

  /** What multiplies in large products: {@code scalar} or, for example, {@code vector-512}. */
  public static String implementation() {
    return ProductKernel.best().implementation();
  }

  private final int rows;
  private final int columns;
  private final boolean symmetric;
  private final double[][] tiles;

  private PanelSum(int rows, int columns, boolean symmetric) {
    this.rows = rows;
    this.columns = columns;
    this.symmetric = symmetric;
    this.tiles = new double[Math.ceilDiv(rows, STRIP) * Math.ceilDiv(columns, STRIP)][];
    for (int t = 0; t < tiles.length; t++) {
      if (isComputed(t)) {
        tiles[t] = new double[TILE];
      }
    }
  }

  /** An empty sum {@code [rows, columns]}. */
  public static PanelSum ofProducts(int rows, int columns) {
    return new PanelSum(rows, columns, false);
  }

  /** An empty sum of products of panels with themselves, {@code [order, order]}. */
  public static PanelSum ofGrams(int order) {
    return new PanelSum(order, order, true);
  }

  static DenseMatrix of(PackedPanel a, PackedPanel b) {
    PanelSum sum = ofProducts(a.columns(), b.columns());
    sum.add(a, b);
    return sum.matrix();
  }

  /** Adds {@code aᵀ·b}: a {@code [depth, rows]}, b {@code [depth, columns]}. */
  public void add(DenseMatrix a, DenseMatrix b) {
    add(PackedPanel.of(a), PackedPanel.of(b));
  }

  /** Adds {@code panelᵀ·panel}: panel {@code [depth, order]}. */
  public void add(DenseMatrix panel) {
    PackedPanel packed = PackedPanel.of(panel);
    add(packed, packed);
  }

  /** Adds {@code block·blockᵀ}: block {@code [order, depth]}. */
  public void addTransposed(DenseMatrix block) {
    PackedPanel packed = PackedPanel.ofTransposed(block);
    add(packed, packed);
  }

  /** Adds {@code a·b}: a {@code [rows, depth]}, b {@code [depth, columns]}. */
  public void addTransposed(DenseMatrix a, DenseMatrix b) {
    add(PackedPanel.ofTransposed(a), PackedPanel.of(b));
  }

  /** Adds {@code a·bᵀ}: a {@code [rows, depth]}, b {@code [columns, depth]}. */
  public void addBothTransposed(DenseMatrix a, DenseMatrix b) {
    add(PackedPanel.ofTransposed(a), PackedPanel.ofTransposed(b));
  }

  private void add(PackedPanel a, PackedPanel b) {
    if (a.depth() != b.depth() || a.columns() != rows || b.columns() != columns) {
      throw new IllegalArgumentException(
          "[%d, %d] and [%d, %d] for [%d, %d]"
              .formatted(a.depth(), a.columns(), b.depth(), b.columns(), rows, columns));
    }
    boolean large = (long) tiles.length * TILE * a.depth() > WORTH_WARMING_UP;
    ProductKernel kernel = large ? ProductKernel.best() : ProductKernel.scalar();
    IntStream.range(0, tiles.length)
        .parallel()
        .filter(this::isComputed)
        .forEach(t ->
            kernel.multiply(
                a.strips()[t / across()], 0, b.strips()[t % across()], 0, a.depth(), tiles[t]));
  }

  private int across() {
    return Math.ceilDiv(columns, STRIP);
  }

  /** Of a symmetric sum only the tiles on and above the diagonal are. */
  private boolean isComputed(int tile) {
    return !symmetric || tile % across() >= tile / across();
  }

  /** The sum so far. */
  public DenseMatrix matrix() {
    DenseMatrix matrix = DenseMatrix.zeros(rows, columns);
    double[] values = matrix.values();
    for (int t = 0; t < tiles.length; t++) {
      if (isComputed(t)) {
        int row = t / across() * STRIP;
        int column = t % across() * STRIP;
        int width = Math.min(STRIP, columns - column);
        for (int i = 0; i < Math.min(STRIP, rows - row); i++) {
          System.arraycopy(tiles[t], i * STRIP, values, (row + i) * columns + column, width);
        }
        if (symmetric && row != column) {
          for (int j = 0; j < width; j++) {
            for (int i = 0; i < STRIP; i++) {
              values[(column + j) * columns + row + i] = tiles[t][i * STRIP + j];
            }
          }
        }
      }
    }
    return matrix;
  }

  /** The sum so far of products of panels with themselves. */
  public SymmetricMatrix gram() {
    if (!symmetric) {
      throw new IllegalStateException("a sum of products of different panels");
    }
    return new SymmetricMatrix(matrix());
  }
}
