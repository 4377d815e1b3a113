package dev.witnessmark.explain.source;

import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.PanelSum;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import java.io.IOException;

/**
 * Products of streamed matrices. Of each only a slice is in memory at a time; sums run over all
 * slices in order, so that the size of a slice changes no bit.
 */
public final class Products {

  /** Values of one slice: 16 MiB in double precision. */
  private static final int SLICE = 1 << 21;

  private Products() {}

  /** {@code w·wᵀ}, {@code [rows, rows]}. */
  public static SymmetricMatrix gramOfRows(Blocks w) throws IOException {
    PanelSum sum = PanelSum.ofGrams(w.rows());
    int step = step(w.rows());
    for (int k = 0; k < w.columns(); k += step) {
      sum.addTransposed(w.block(0, w.rows(), k, Math.min(step, w.columns() - k)));
    }
    return sum.gram();
  }

  /** {@code wᵀ·w}, {@code [columns, columns]}. */
  public static SymmetricMatrix gramOfColumns(Blocks w) throws IOException {
    PanelSum sum = PanelSum.ofGrams(w.columns());
    int step = step(w.columns());
    for (int k = 0; k < w.rows(); k += step) {
      sum.add(w.block(k, Math.min(step, w.rows() - k), 0, w.columns()));
    }
    return sum.gram();
  }

  /** {@code a·b}. */
  public static DenseMatrix product(Blocks a, Blocks b) throws IOException {
    requireEqual(a.columns(), b.rows());
    PanelSum sum = PanelSum.ofProducts(a.rows(), b.columns());
    int step = step(Math.max(a.rows(), b.columns()));
    for (int k = 0; k < b.rows(); k += step) {
      int depth = Math.min(step, b.rows() - k);
      sum.addTransposed(a.block(0, a.rows(), k, depth), b.block(k, depth, 0, b.columns()));
    }
    return sum.matrix();
  }

  /** {@code aᵀ·b}. */
  public static DenseMatrix transposedProduct(Blocks a, Blocks b) throws IOException {
    requireEqual(a.rows(), b.rows());
    PanelSum sum = PanelSum.ofProducts(a.columns(), b.columns());
    int step = step(Math.max(a.columns(), b.columns()));
    for (int k = 0; k < b.rows(); k += step) {
      int depth = Math.min(step, b.rows() - k);
      sum.add(a.block(k, depth, 0, a.columns()), b.block(k, depth, 0, b.columns()));
    }
    return sum.matrix();
  }

  /** {@code a·bᵀ}. */
  public static DenseMatrix productTransposed(Blocks a, Blocks b) throws IOException {
    requireEqual(a.columns(), b.columns());
    PanelSum sum = PanelSum.ofProducts(a.rows(), b.rows());
    int step = step(Math.max(a.rows(), b.rows()));
    for (int k = 0; k < b.columns(); k += step) {
      int depth = Math.min(step, b.columns() - k);
      sum.addBothTransposed(a.block(0, a.rows(), k, depth), b.block(0, b.rows(), k, depth));
    }
    return sum.matrix();
  }

  /** {@code x·wᵀ} for few rows {@code x}: {@code [x rows, w rows]}. */
  public static DenseMatrix timesTransposed(DenseMatrix x, Blocks w) throws IOException {
    requireEqual(x.columns(), w.columns());
    DenseMatrix result = DenseMatrix.zeros(x.rows(), w.rows());
    int step = step(w.columns());
    for (int row = 0; row < w.rows(); row += step) {
      int rows = Math.min(step, w.rows() - row);
      DenseMatrix part = x.timesTransposed(w.block(row, rows, 0, w.columns()));
      for (int i = 0; i < x.rows(); i++) {
        System.arraycopy(part.values(), i * rows, result.values(), i * w.rows() + row, rows);
      }
    }
    return result;
  }

  /** Rows or columns of a slice that is {@code width} wide, a multiple of the alignment. */
  private static int step(int width) {
    int aligned = SLICE / Math.max(1, width) / Blocks.ALIGNMENT * Blocks.ALIGNMENT;
    return Math.max(Blocks.ALIGNMENT, aligned);
  }

  private static void requireEqual(int a, int b) {
    if (a != b) {
      throw new IllegalArgumentException("sums over %d and over %d".formatted(a, b));
    }
  }
}
