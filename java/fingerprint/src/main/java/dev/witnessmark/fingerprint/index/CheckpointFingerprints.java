package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.RowPermutation;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The fingerprints of a checkpoint, computed from its values whenever they are read. Rows are in
 * the order that all containers share: matrices {@code [out, in]}, rotary pairs half a head apart.
 */
public final class CheckpointFingerprints implements AutoCloseable {

  /** Tensors that a sentence names. */
  private static final int MOST_NAMED = 20;

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

  private final Operand operand;
  private final Options options;
  private final CheckpointRows rows;
  private final ProjectorPool projectors;
  private final List<CheckpointTensor> tensors;

  private CheckpointFingerprints(
      Operand operand, Options options, CheckpointRows rows, KernelChoice kernels) {
    this.operand = operand;
    this.options = options;
    this.rows = rows;
    this.projectors = new ProjectorPool(() -> HostProjector.handedOn(kernels));
    this.tensors = rows.indexed().stream().map(this::tensor).toList();
  }

  /**
   * The fingerprints of {@code operand}, which closing the result closes.
   *
   * @throws Refusal.Unsupported if a tensor that should have fingerprints holds bare integers
   */
  public static CheckpointFingerprints open(Operand operand, Options options) throws Refusal {
    return open(operand, options, KernelChoice.forValues(operand.model().parameters()));
  }

  /** As {@link #open(Operand, Options)}, computed by {@code kernels} when they are read. */
  static CheckpointFingerprints open(Operand operand, Options options, KernelChoice kernels)
      throws Refusal {
    CheckpointRows rows = CheckpointRows.of(operand);
    if (!rows.unsupported().isEmpty() && !options.skipUnsupported()) {
      throw new Refusal.Unsupported(
          operand.name(),
          "tensors",
          -1,
          "%d tensors of weights hold integers without scales, which have no fingerprints: %s"
              .formatted(rows.unsupported().size(), list(rows.unsupported())));
    }
    return new CheckpointFingerprints(operand, options, rows, kernels);
  }

  /** The same as an index file would be read. */
  public FingerprintModel model() {
    return new FingerprintModel(
        operand.name(),
        List.copyOf(tensors),
        notices(),
        incomplete(),
        operand.checkpoints().flatMap(checkpoint -> checkpoint.files().stream()).toList(),
        List.of(this));
  }

  private CheckpointTensor tensor(CheckpointRows.Tensor tensor) {
    boolean strided = tensor.matrix().type() == TensorType.BF16;
    RowPermutation order =
        tensor.view().shape().rank() == 2 && tensor.matrix() instanceof RowPermutation permuted
            ? permuted
            : null;
    StoredRows stored =
        new StoredRows(
            order == null ? tensor.matrix() : order.stored(),
            tensor.rows(),
            tensor.columns(),
            strided ? options.stride() : 1);
    return new CheckpointTensor(
        tensor.view().name(), tensor.layerType(), stored, order, projectors);
  }

  /** What it was opened from. */
  public Operand operand() {
    return operand;
  }

  /** How it was opened. */
  public Options options() {
    return options;
  }

  List<CheckpointTensor> tensors() {
    return tensors;
  }

  /** Number of tensors that have no fingerprints: norms and small ones. */
  public int skipped() {
    return rows.skipped();
  }

  /** Types of integers that are no weights, and how many tensors of each. */
  public Map<TensorType, Integer> ignored() {
    return rows.ignored();
  }

  /** Names of tensors of weights that were left out. */
  public List<String> unsupported() {
    return rows.unsupported().stream().map(TensorView::name).toList();
  }

  /** What should be seen. */
  public List<String> notices() {
    List<String> notices = new ArrayList<>();
    rows.ignored()
        .forEach((type, count) ->
            notices.add(
                "%s: %d tensors of %s are no weights and are ignored"
                    .formatted(operand.name(), count, type)));
    long strided = tensors.stream().filter(t -> t.stored().type() == TensorType.BF16).count();
    if (options.stride() > 1 && strided < tensors.size()) {
      notices.add(
          "%s: stride %d counts for the %d tensors of BF16; the other %d are projected whole"
              .formatted(operand.name(), options.stride(), strided, tensors.size() - strided));
    }
    return notices;
  }

  /** Why tensors are missing. */
  public List<String> incomplete() {
    return rows.unsupported().isEmpty()
        ? List.of()
        : List.of(
            "%s: %d tensors of integers without scales are left out: %s"
                .formatted(operand.name(), rows.unsupported().size(), list(rows.unsupported())));
  }

  private static String list(Collection<TensorView> tensors) {
    String named =
        tensors.stream()
            .limit(MOST_NAMED)
            .map(view -> Printable.of(view.name()) + " (" + view.type() + ")")
            .collect(Collectors.joining(", "));
    return tensors.size() > MOST_NAMED ? named + ", ..." : named;
  }

  @Override
  public void close() throws IOException {
    try (operand) {
      projectors.close();
    }
  }
}
