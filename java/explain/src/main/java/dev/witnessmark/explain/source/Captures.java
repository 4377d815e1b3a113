package dev.witnessmark.explain.source;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Folder;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Recorded activations of one folder, opened: {@code activations.safetensors} with the tensors of
 * {@link CaptureTensor}, any of which may be missing and beside which there may be others, and
 * {@code capture.json}, which says what they are of. Values are read layer by layer.
 */
public final class Captures implements AutoCloseable {

  private static final String ACTIVATIONS = "activations.safetensors";
  private static final String DESCRIPTION = "capture.json";

  /** Values of one layer of one tensor: 1 GiB in double precision. */
  private static final long MOST_VALUES = 1L << 27;

  private final CaptureDescription description;
  private final Checkpoint file;
  private final Map<CaptureTensor, TensorView> tensors;

  private Captures(
      CaptureDescription description, Checkpoint file, Map<CaptureTensor, TensorView> tensors) {
    this.description = description;
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * Opens a capture folder; no activation is read.
   *
   * @throws Refusal if a file is missing or wrong, or a tensor has not the shape that the
   *     description gives it
   */
  public static Captures open(Path path, Limits limits) throws IOException {
    Folder folder = new Folder(path);
    CaptureDescription description;
    try (ByteSource source = FileByteSource.open(folder.file(path.toString(), DESCRIPTION))) {
      description = CaptureDescriptionReader.read(source, limits);
    }
    Checkpoint file = CheckpointReader.open(folder.file(path.toString(), ACTIVATIONS), limits);
    try {
      Map<CaptureTensor, TensorView> tensors = new EnumMap<>(CaptureTensor.class);
      for (TensorView view : file.tensors()) {
        CaptureTensor.of(view.name()).ifPresent(tensor -> tensors.put(tensor, view));
      }
      for (Map.Entry<CaptureTensor, TensorView> each : tensors.entrySet()) {
        check(description, each.getKey(), each.getValue());
      }
      checkTokens(tensors, CaptureTensor.TOKENS_POSITIVE_FIT, CaptureTensor.ATTENTION_POSITIVE_FIT);
      checkTokens(tensors, CaptureTensor.TOKENS_NEGATIVE_FIT, CaptureTensor.ATTENTION_NEGATIVE_FIT);
      return new Captures(description, file, tensors);
    } catch (IOException | RuntimeException failure) {
      file.close();
      throw failure;
    }
  }

  private static void check(CaptureDescription description, CaptureTensor tensor, TensorView view)
      throws Refusal {
    Shape shape = view.shape();
    int rank = 2 + (tensor.isPerToken() ? 1 : 0) + (tensor.isWide() ? 1 : 0);
    require(view, "dimensions", shape.rank(), rank);
    require(view, "layers", shape.dimension(0), description.layers());
    int prompts =
        tensor.isEvaluation() ? description.evaluation().size() : description.fit().size();
    require(view, "prompts", shape.dimension(1), prompts);
    if (tensor.isWide()) {
      require(view, "the width", shape.columns(), description.width());
    }
    long values = shape.elements() / Math.max(1, description.layers());
    if (values > MOST_VALUES) {
      throw new Refusal.LimitExceeded(
          view.source().name(),
          view.name(),
          view.offset(),
          "the number of values of a layer",
          values,
          MOST_VALUES);
    }
  }

  private static void checkTokens(
      Map<CaptureTensor, TensorView> tensors, CaptureTensor states, CaptureTensor attention)
      throws Refusal {
    TensorView ofStates = tensors.get(states);
    TensorView ofAttention = tensors.get(attention);
    if (ofStates != null && ofAttention != null) {
      require(ofAttention, "tokens", ofAttention.shape().columns(), ofStates.shape().dimension(2));
    }
  }

  private static void require(TensorView view, String what, long found, long expected)
      throws Refusal {
    if (found != expected) {
      throw new Refusal.Inconsistent(
          view.source().name(), view.name(), view.offset(), what, found, expected);
    }
  }

  public CaptureDescription description() {
    return description;
  }

  /** The tensors that are there. */
  public Set<CaptureTensor> tensors() {
    return tensors.keySet();
  }

  /**
   * One layer of a tensor: {@code [n, d]}, {@code [n·T, d]} or {@code [n, T]}.
   *
   * @throws Refusal.Unsupported if values are not finite
   */
  public DenseMatrix layer(CaptureTensor tensor, int layer) throws IOException {
    TensorView view = tensors.get(tensor);
    if (view == null) {
      throw new IllegalArgumentException(tensor.stored() + " is not in the folder");
    }
    StoredBlocks all =
        new StoredBlocks(StoredMatrix.of(view), KernelChoice.forValues(view.shape().elements()));
    int rows = all.rows() / description.layers();
    DenseMatrix values = all.block(layer * rows, rows, 0, all.columns());
    if (!Double.isFinite(values.squaredNorm())) {
      throw new Refusal.Unsupported(
          view.source().name(), view.name(), view.offset(), "holds values that are not finite");
    }
    return values;
  }

  /** Number of prompts of a tensor. */
  public int prompts(CaptureTensor tensor) {
    return tensor.isEvaluation() ? description.evaluation().size() : description.fit().size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
