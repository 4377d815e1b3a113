package dev.witnessmark.explain.source;

import dev.witnessmark.explain.algebra.SymmetricMatrix;
import java.io.IOException;

/**
 * What tuning did to one matrix.
 *
 * @param place where it is
 * @param name of the base's tensor
 * @param base the matrix before
 * @param delta what was added to it
 * @param factored whether the delta comes from the factors of an adapter, and so is exact
 * @param storage how the tuned matrix is stored, for example {@code BF16} or {@code low-rank
 *     factors}
 */
public record TensorDelta(
    TensorPlace place,
    String name,
    StoredBlocks base,
    Blocks delta,
    boolean factored,
    String storage) {

  /** Whether blocks of codes round on either side, so that both were moved by it. */
  public boolean isQuantised() {
    return !factored
        && (base.matrix().type().quantised()
            || base.matrix().isCoded()
            || tuned().matrix().type().quantised()
            || tuned().matrix().isCoded());
  }

  /** The matrix afterwards, where it is stored. */
  StoredBlocks tuned() {
    if (delta instanceof Blocks.Difference(Blocks ignored, StoredBlocks tuned)) {
      return tuned;
    }
    throw new IllegalStateException(name + " is known by its factors");
  }

  /** Whether the matrix is as wide as the hidden state on the side that it writes to. */
  public boolean isWriter() {
    return ModelMatrices.WRITERS.contains(place.role());
  }

  /** Whether the Gram matrix of rows is no larger than that of columns. */
  public boolean isWide() {
    return base.rows() <= base.columns();
  }

  /** {@code Δ·Δᵀ}, {@code [rows, rows]}. */
  public SymmetricMatrix gramOfRows() throws IOException {
    return delta instanceof Blocks.Product factors
        ? factors.gramOfRows()
        : Products.gramOfRows(delta);
  }

  /** The smaller of {@code Δ·Δᵀ} and {@code Δᵀ·Δ}. */
  public SymmetricMatrix smallerGram() throws IOException {
    if (isWide()) {
      return gramOfRows();
    }
    return delta instanceof Blocks.Product factors
        ? factors.gramOfColumns()
        : Products.gramOfColumns(delta);
  }
}
