package dev.witnessmark.compare.match;

import dev.witnessmark.compare.matrix.AdaptedMatrix;
import dev.witnessmark.compare.matrix.LowRank;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.peft.LowRankUpdate;
import dev.witnessmark.format.peft.PeftAdapter;
import dev.witnessmark.format.peft.PeftReader;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.RowLayout;
import dev.witnessmark.model.TensorIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One side of a comparison, opened: a checkpoint, or a base with an adapter on top.
 *
 * @param name as the user wrote it
 * @param checkpoint the checkpoint, or the base
 * @param model its meaning
 * @param adapter the adapter, or null
 * @param updates low-rank updates by the name of the tensor of {@code checkpoint} that they change
 */
public record Operand(
    String name,
    Checkpoint checkpoint,
    ModelDescription model,
    @Nullable PeftAdapter adapter,
    Map<String, LowRank> updates)
    implements AutoCloseable {

  /**
   * Opens {@code spec}: a path, or {@code BASE+ADAPTER}.
   *
   * @throws Refusal if a file is not readable as what it claims, or the adapter does not fit
   */
  public static Operand open(String spec, Limits limits) throws IOException {
    int plus = spec.lastIndexOf('+');
    if (plus <= 0 || Files.exists(Path.of(spec))) {
      Checkpoint checkpoint = CheckpointReader.open(Path.of(spec), limits);
      if (checkpoint.format() == FileFormat.PEFT) {
        checkpoint.close();
        throw new Refusal.Unsupported(
            spec,
            "adapter",
            -1,
            "it is an adapter, not a checkpoint; write BASE+" + spec + " to compare the sum");
      }
      return new Operand(spec, checkpoint, ModelDescription.of(checkpoint), null, Map.of());
    }
    Checkpoint base = CheckpointReader.open(Path.of(spec.substring(0, plus)), limits);
    PeftAdapter adapter = null;
    try {
      adapter = PeftReader.read(Path.of(spec.substring(plus + 1)), limits);
      return adapted(spec, base, adapter);
    } catch (IOException | RuntimeException failure) {
      base.close();
      if (adapter != null) {
        adapter.checkpoint().close();
      }
      throw failure;
    }
  }

  /** {@code base} with {@code adapter} on top; closing the result closes both. */
  private static Operand adapted(String name, Checkpoint base, PeftAdapter adapter)
      throws IOException {
    ModelDescription model = ModelDescription.of(base);
    return new Operand(name, base, model, adapter, fit(model, adapter));
  }

  /**
   * The adapter's updates by the names of the tensors of {@code model} that they change.
   *
   * @throws Refusal if an update has no tensor, or one of another shape, or a replacement has none
   */
  public static Map<String, LowRank> fit(ModelDescription model, PeftAdapter adapter)
      throws IOException {
    Targets targets = Targets.of(model);
    String file = adapter.checkpoint().path().toString();
    for (TensorView replacement : adapter.replacements()) {
      targets.require(replacement.name(), file);
    }
    Map<String, LowRank> updates = new HashMap<>();
    for (LowRankUpdate update : adapter.updates()) {
      IdentifiedTensor target = targets.require(update.target(), file);
      LowRank factors =
          LowRank.read(update.a(), update.b(), update.scale(), transposed(update, target));
      TensorView view = target.view();
      if (view.shape().rank() < 2) {
        throw new Refusal.Inconsistent(
            file, update.target(), -1, "dimensions of the updated tensor", view.shape().rank(), 2);
      }
      boolean turned = target.layout().transposed();
      long rows = turned ? view.shape().columns() : view.shape().rows();
      long columns = turned ? view.shape().rows() : view.shape().columns();
      if (factors.rows() != rows) {
        throw new Refusal.Inconsistent(
            file, update.target(), -1, "rows of the update", factors.rows(), rows);
      }
      if (factors.columns() != columns) {
        throw new Refusal.Inconsistent(
            file, update.target(), -1, "columns of the update", factors.columns(), columns);
      }
      if (updates.put(view.name(), factors) != null) {
        throw new Refusal.Duplicate(
            file, update.target(), -1, "another update changes " + view.name() + " too");
      }
    }
    return updates;
  }

  /** The tensors of a base, as an adapter names them: by its own names or those of a table. */
  private record Targets(
      Map<String, IdentifiedTensor> byName, Map<TensorIdentity, IdentifiedTensor> byIdentity) {

    static Targets of(ModelDescription model) {
      Targets targets = new Targets(new HashMap<>(), new HashMap<>());
      for (IdentifiedTensor tensor : model.tensors()) {
        targets.byName.put(tensor.view().name(), tensor);
        targets.byIdentity.putIfAbsent(tensor.identity(), tensor);
      }
      return targets;
    }

    Optional<IdentifiedTensor> find(String name) {
      return Optional.ofNullable(byName.get(name))
          .or(() -> ModelDescription.identityOf(name).map(byIdentity::get));
    }

    IdentifiedTensor require(String name, String adapter) throws Refusal {
      return find(name)
          .orElseThrow(() ->
              new Refusal.MissingPart(
                  adapter, name, "the base has no such tensor; is it the right base?"));
    }
  }

  /**
   * Whether the update is the transpose of B · A once the target is read as {@code [out, in]}. What
   * the update says is about the base that the adapter was trained on: an embedding stays {@code
   * [vocabulary, hidden]}, all other weights that a table knows are turned on reading.
   */
  private static boolean transposed(LowRankUpdate update, IdentifiedTensor target) {
    boolean stays =
        target.guessed()
            ? !target.layout().transposed()
            : target.identity().role() == Role.TOKEN_EMBEDDING
                || target.identity().role() == Role.POSITION_EMBEDDING;
    return update.transposed() && stays;
  }

  /** The checkpoint, followed by the adapter's if there is one. */
  public Stream<Checkpoint> checkpoints() {
    return Stream.concat(
        Stream.of(checkpoint), Stream.ofNullable(adapter).map(PeftAdapter::checkpoint));
  }

  /**
   * A tensor of {@link #tensors} as what its values mean: {@code [out, in]}, rotary pairs half a
   * head apart, with the adapter's update added.
   */
  public Matrix canonical(IdentifiedTensor tensor) {
    Matrix matrix = Matcher.canonical(tensor);
    LowRank update = updates.get(tensor.view().name());
    return update == null ? matrix : new AdaptedMatrix(matrix, update, TensorType.F32);
  }

  /** Tensors of this side with the adapter's full replacements in place of the base's. */
  public List<IdentifiedTensor> tensors() {
    if (adapter == null || adapter.replacements().isEmpty()) {
      return model.tensors();
    }
    Targets targets = Targets.of(model);
    Map<String, TensorView> replacements = new HashMap<>();
    for (TensorView view : adapter.replacements()) {
      targets.find(view.name()).ifPresent(target -> replacements.put(target.view().name(), view));
    }
    List<IdentifiedTensor> tensors = new ArrayList<>(model.tensors().size());
    for (IdentifiedTensor tensor : model.tensors()) {
      TensorView replacement = replacements.get(tensor.view().name());
      tensors.add(
          replacement == null
              ? tensor
              : new IdentifiedTensor(
                  replacement,
                  tensor.identity(),
                  // Under another name it is stored as PEFT does, not as the base's container does.
                  replacement.name().equals(tensor.view().name())
                      ? tensor.layout()
                      : RowLayout.PLAIN,
                  tensor.guessed()));
    }
    return tensors;
  }

  @Override
  public void close() throws IOException {
    try (checkpoint) {
      if (adapter != null) {
        adapter.checkpoint().close();
      }
    }
  }
}
