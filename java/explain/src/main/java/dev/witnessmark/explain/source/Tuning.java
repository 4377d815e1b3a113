package dev.witnessmark.explain.source;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.matrix.LowRank;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.RowSlice;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tuning may have changed, matrix by matrix: from the factors of an adapter where there are
 * any, else tuned minus base.
 *
 * @param model the base's matrices
 * @param deltas those that both sides have; which of them are zero is not known before they are
 *     read
 * @param notes what could not be paired, and why
 */
public record Tuning(
    ModelMatrices model, List<TensorDelta> deltas, int untouched, List<String> notes) {

  public Tuning {
    deltas = List.copyOf(deltas);
    notes = List.copyOf(notes);
  }

  /**
   * Pairs a base with its fine-tune.
   *
   * @param tuned another checkpoint, or an adapter on top of the same one
   * @throws CouldNotCompare if the adapter is on top of another checkpoint than the base
   * @throws Refusal if either cannot be read as a model
   */
  public static Tuning of(Operand base, Operand tuned) throws IOException {
    ModelMatrices before = matrices(base);
    ModelMatrices after = matrices(tuned);
    @Nullable ModelMatrices under = null;
    if (tuned.adapter() != null) {
      requireSame(base.checkpoint().path(), tuned.checkpoint().path());
      under = ModelMatrices.of(tuned.checkpoint(), tuned.model(), tuned.model().tensors());
    }
    List<String> notes = new ArrayList<>(before.notes());
    List<TensorDelta> deltas = new ArrayList<>();
    int untouched = 0;
    for (Map.Entry<TensorPlace, StoredBlocks> each : before.matrices().entrySet()) {
      TensorPlace place = each.getKey();
      StoredBlocks matrix = each.getValue();
      Optional<Blocks.Product> factors = factors(matrix, tuned.updates());
      StoredBlocks other = after.matrices().get(place);
      if (factors.isPresent()) {
        deltas.add(
            new TensorDelta(place, matrix.name(), matrix, factors.get(), true, "low-rank factors"));
      } else if (other == null) {
        notes.add("%s: the tuned model does not have it".formatted(matrix.name()));
      } else if (other.rows() != matrix.rows() || other.columns() != matrix.columns()) {
        notes.add(
            "%s: [%d, %d] against [%d, %d]"
                .formatted(
                    matrix.name(), matrix.rows(), matrix.columns(), other.rows(), other.columns()));
      } else if (under != null && other.equals(under.matrices().get(place))) {
        untouched++;
      } else {
        deltas.add(
            new TensorDelta(
                place,
                matrix.name(),
                matrix,
                new Blocks.Difference(matrix, other),
                false,
                other.matrix().type().name()));
      }
    }
    return new Tuning(before, deltas, untouched, notes);
  }

  private static ModelMatrices matrices(Operand side) throws IOException {
    return ModelMatrices.of(side.checkpoint(), side.model(), side.tensors());
  }

  private static void requireSame(Path base, Path under) throws IOException {
    if (!base.toRealPath().equals(under.toRealPath())) {
      throw new CouldNotCompare(
          "the adapter is on top of %s, the base is %s: one of them".formatted(under, base));
    }
  }

  /** The factors that change {@code matrix}, or the rows of it that are a part of a fused one. */
  private static Optional<Blocks.Product> factors(
      StoredBlocks matrix, Map<String, LowRank> updates) {
    Matrix whole = matrix.matrix() instanceof RowSlice slice ? slice.whole() : matrix.matrix();
    LowRank update = updates.get(whole.storedName());
    if (update == null) {
      return Optional.empty();
    }
    DenseMatrix left = new DenseMatrix(update.rows(), update.rank(), update.scaledLeft());
    DenseMatrix right = new DenseMatrix(update.rank(), update.columns(), update.right());
    if (matrix.matrix() instanceof RowSlice slice) {
      left = left.rows((int) slice.firstRow(), matrix.rows());
    }
    return Optional.of(new Blocks.Product(matrix.name(), left, right));
  }
}
