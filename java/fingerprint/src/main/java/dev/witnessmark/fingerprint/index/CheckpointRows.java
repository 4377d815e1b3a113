package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.IdentifiedTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which tensors of a checkpoint have fingerprints, by their names, shapes and types alone.
 *
 * @param indexed those that have, in file order
 * @param skipped number of those that have none, norms and small ones
 * @param ignored types of the integers that are no weights, and how many tensors of each
 * @param unsupported those that would have fingerprints, but whose values mean nothing by
 *     themselves
 */
record CheckpointRows(
    List<Tensor> indexed,
    int skipped,
    Map<TensorType, Integer> ignored,
    List<TensorView> unsupported) {

  /** A tensor that has fingerprints, and its rows. */
  record Tensor(TensorView view, LayerType layerType, Matrix matrix, long rows, long columns) {}

  static CheckpointRows of(Operand operand) {
    List<Tensor> indexed = new ArrayList<>();
    int skipped = 0;
    Map<TensorType, Integer> ignored = new TreeMap<>();
    List<TensorView> unsupported = new ArrayList<>();
    for (IdentifiedTensor tensor : operand.tensors()) {
      TensorView view = tensor.view();
      LayerType layerType = LayerType.of(view.name(), view.shape().toArray());
      boolean weights = view.type().family() != TensorType.Family.INTEGER || view.affine() != null;
      if (layerType.indexed() && weights) {
        indexed.add(rows(view, layerType, operand.canonical(tensor)));
      } else if (weights) {
        skipped++;
      } else if (layerType.indexed()) {
        unsupported.add(view);
      } else {
        ignored.merge(view.type(), 1, Integer::sum);
      }
    }
    return new CheckpointRows(indexed, skipped, ignored, unsupported);
  }

  /** One row for each index of the slowest dimension; a vector is one row. */
  private static Tensor rows(TensorView view, LayerType layerType, Matrix matrix) {
    Shape shape = view.shape();
    long rows =
        switch (shape.rank()) {
          case 0, 1 -> 1;
          case 2 -> matrix.rows();
          default -> shape.dimension(0);
        };
    return new Tensor(view, layerType, matrix, rows, shape.elements() / rows);
  }
}
