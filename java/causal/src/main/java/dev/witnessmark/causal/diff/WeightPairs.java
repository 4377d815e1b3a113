package dev.witnessmark.causal.diff;

import dev.witnessmark.compare.match.Incompatible;
import dev.witnessmark.compare.match.Matcher;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.match.Pairing;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.IdentifiedTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Two checkpoints by their weights, paired as {@code diff} pairs them. A row is what it is there:
 * the last dimension of a tensor, in the row order of the architecture. Tensors that an index would
 * leave out (norms, small ones) are left out here too.
 */
public record WeightPairs(
    String base,
    String tuned,
    List<PairedTensor> pairs,
    List<UnequalTensor> unequal,
    List<String> onlyInBase,
    List<String> onlyInTuned,
    List<String> notices,
    List<TensorPair> matrices,
    KernelChoice kernels)
    implements PairedModels {

  /** Pairs two checkpoints, which must stay open. */
  public static WeightPairs of(Operand base, Operand tuned) {
    Pairing pairing = Matcher.match(base, tuned);
    List<TensorPair> matrices = new ArrayList<>();
    List<PairedTensor> pairs = new ArrayList<>();
    for (TensorPair pair : pairing.pairs()) {
      Matrix a = pair.a();
      LayerType type = LayerType.of(a.name(), a.rows(), a.columns());
      if (type.indexed()) {
        matrices.add(pair);
        pairs.add(
            new PairedTensor(
                a.name(),
                pair.b().name(),
                type,
                a.rows(),
                a.columns(),
                a.type().bytes(a.elements()) + pair.b().type().bytes(pair.b().elements())));
      }
    }
    List<String> notices = new ArrayList<>();
    int left = pairing.pairs().size() - pairs.size();
    if (left > 0) {
      notices.add(
          left
              + (left == 1 ? " norm or small tensor is" : " norms and small tensors are")
              + " left out, as in an index; see wmark diff");
    }
    return new WeightPairs(
        base.name(),
        tuned.name(),
        pairs,
        unequal(pairing.incompatible()),
        names(pairing.onlyInA()),
        names(pairing.onlyInB()),
        notices,
        matrices,
        KernelChoice.forValues(Math.max(base.model().parameters(), tuned.model().parameters())));
  }

  private static boolean indexed(TensorView view) {
    return LayerType.of(view.name(), view.shape().toArray()).indexed();
  }

  private static List<String> names(List<IdentifiedTensor> tensors) {
    return tensors.stream()
        .map(IdentifiedTensor::view)
        .filter(WeightPairs::indexed)
        .map(TensorView::name)
        .toList();
  }

  private static List<UnequalTensor> unequal(List<Incompatible> incompatible) {
    Function<Incompatible, UnequalTensor> described =
        each ->
            new UnequalTensor(
                each.a().view().name(),
                each.a().view().shape().rows(),
                each.a().view().shape().columns(),
                each.b().view().shape().rows(),
                each.b().view().shape().columns());
    return incompatible.stream()
        .filter(each -> indexed(each.a().view()) || indexed(each.b().view()))
        .map(described)
        .toList();
  }

  @Override
  public List<String> incomplete() {
    return List.of();
  }

  @Override
  public Measure measure() {
    return Measure.RELATIVE;
  }

  @Override
  public String implementation() {
    return kernels.difference().implementation();
  }

  @Override
  public String implementationReason() {
    return kernels.reason();
  }

  @Override
  public RowDistances open() {
    return new WeightDistances(matrices, kernels);
  }
}
