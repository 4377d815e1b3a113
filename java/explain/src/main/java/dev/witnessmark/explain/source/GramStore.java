package dev.witnessmark.explain.source;

import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.Role;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * The Gram matrices of a model's weights, {@code [width, width]}: {@code W·Wᵀ} of what writes to
 * the hidden state, {@code Wᵀ·W} of what reads it. They are computed when asked for, once as long
 * as they fit into the budget, and let go layer by layer.
 */
public final class GramStore {

  private final ModelMatrices model;
  private final long budget;
  private final Map<TensorPlace, SymmetricMatrix> kept = new HashMap<>();
  private long bytes;

  /**
   * @param budget bytes of Gram matrices to keep, beside those in use
   */
  public GramStore(ModelMatrices model, long budget) {
    this.model = model;
    this.budget = budget;
  }

  /**
   * The Gram matrix of a weight, empty if the model does not have it.
   *
   * @throws Refusal.Unsupported if values are not finite, or their squares are not
   */
  public Optional<SymmetricMatrix> gram(Role role, int layer) throws IOException {
    TensorPlace place = new TensorPlace(role, layer);
    SymmetricMatrix ready = kept.get(place);
    if (ready != null) {
      return Optional.of(ready);
    }
    Optional<StoredBlocks> matrix = model.at(role, layer);
    if (matrix.isEmpty()) {
      return Optional.empty();
    }
    SymmetricMatrix gram = compute(model.file(), matrix.get(), isWriter(role));
    long size = (long) gram.order() * gram.order() * Double.BYTES;
    if (bytes + size <= budget) {
      kept.put(place, gram);
      bytes += size;
    }
    return Optional.of(gram);
  }

  /** The Gram matrix of the columns of the unembedding. */
  public Optional<SymmetricMatrix> unembedding() throws IOException {
    Optional<StoredBlocks> matrix = model.unembedding();
    return matrix.isEmpty()
        ? Optional.empty()
        : Optional.of(compute(model.file(), matrix.get(), false));
  }

  /** Lets go of the matrices of {@code layer}. */
  public void release(int layer) {
    for (Iterator<Map.Entry<TensorPlace, SymmetricMatrix>> all = kept.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<TensorPlace, SymmetricMatrix> each = all.next();
      if (each.getKey().layer() == layer) {
        long order = each.getValue().order();
        bytes -= order * order * Double.BYTES;
        all.remove();
      }
    }
  }

  /** The Gram matrix of rows or of columns. */
  static SymmetricMatrix compute(String file, Blocks matrix, boolean ofRows) throws IOException {
    SymmetricMatrix gram = ofRows ? Products.gramOfRows(matrix) : Products.gramOfColumns(matrix);
    if (!gram.isFinite()) {
      throw new Refusal.Unsupported(
          file,
          matrix.name(),
          -1,
          "values that are not finite, or too large to be squared, span no subspace");
    }
    return gram;
  }

  private static boolean isWriter(Role role) {
    return ModelMatrices.WRITERS.contains(role);
  }
}
