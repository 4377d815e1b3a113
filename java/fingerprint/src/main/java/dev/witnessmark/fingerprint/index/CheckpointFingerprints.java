package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.RowPermutation;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The fingerprints of a checkpoint, computed from its values whenever they are read. Rows are in
 * the order that all containers share: matrices {@code [out, in]}, rotary pairs half a head apart.
 */
public final class CheckpointFingerprints {

  /** Tensors that an error names. */
  private static final int MOST_NAMED = 20;

  private CheckpointFingerprints() {}

  /**
   * What is computed.
   *
   * @param stride every how many octaves of BF16 tensors one is visited; others are visited whole
   * @param skipUnsupported leave out tensors of integers instead of refusing the checkpoint
   */
  public record Options(int stride, boolean skipUnsupported) {

    /** Every octave; what cannot be projected is refused. */
    public static final Options DEFAULT = new Options(1, false);

    public Options {
      if (stride < 1) {
        throw new IllegalArgumentException("stride " + stride);
      }
    }
  }

  /**
   * The fingerprints of {@code operand}, which the result closes.
   *
   * @throws Refusal.Unsupported if a tensor that should have fingerprints holds bare integers
   */
  public static FingerprintModel of(Operand operand, Options options, KernelChoice kernels)
      throws Refusal {
    CheckpointRows rows = CheckpointRows.of(operand);
    List<String> notices = new ArrayList<>();
    List<String> incomplete = new ArrayList<>();
    if (!rows.unsupported().isEmpty()) {
      String list = list(rows.unsupported());
      if (!options.skipUnsupported()) {
        throw new Refusal.Unsupported(
            operand.name(),
            "tensors",
            -1,
            "%d tensors of weights hold integers without scales, which have no fingerprints: %s"
                .formatted(rows.unsupported().size(), list));
      }
      incomplete.add(
          "%s: %d tensors of integers without scales are left out: %s"
              .formatted(operand.name(), rows.unsupported().size(), list));
    }
    rows.ignored()
        .forEach((type, count) ->
            notices.add(
                "%s: %d tensors of %s are no weights and are ignored"
                    .formatted(operand.name(), count, type)));
    long strided =
        rows.indexed().stream().filter(t -> t.matrix().type() == TensorType.BF16).count();
    if (options.stride() > 1 && strided < rows.indexed().size()) {
      notices.add(
          "%s: stride %d counts for the %d tensors of BF16; the other %d are projected whole"
              .formatted(
                  operand.name(), options.stride(), strided, rows.indexed().size() - strided));
    }
    ProjectorPool projectors = new ProjectorPool(() -> new HostProjector(kernels));
    List<FingerprintTensor> tensors =
        rows.indexed().stream()
            .<FingerprintTensor>map(tensor -> tensor(tensor, options.stride(), projectors))
            .toList();
    return new FingerprintModel(
        operand.name(), tensors, notices, incomplete, List.of(projectors, operand));
  }

  private static CheckpointTensor tensor(
      CheckpointRows.Tensor tensor, int stride, ProjectorPool projectors) {
    int ownStride = tensor.matrix().type() == TensorType.BF16 ? stride : 1;
    RowPermutation order =
        tensor.view().shape().rank() == 2 && tensor.matrix() instanceof RowPermutation permuted
            ? permuted
            : null;
    StoredRows stored =
        new StoredRows(
            order == null ? tensor.matrix() : order.stored(),
            tensor.rows(),
            tensor.columns(),
            ownStride);
    return new CheckpointTensor(
        tensor.view().name(), tensor.layerType(), stored, order, projectors);
  }

  private static String list(List<TensorView> tensors) {
    String named =
        tensors.stream()
            .limit(MOST_NAMED)
            .map(view -> Printable.of(view.name()) + " (" + view.type() + ")")
            .collect(Collectors.joining(", "));
    return tensors.size() > MOST_NAMED ? named + ", ..." : named;
  }
}
