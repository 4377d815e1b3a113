package dev.witnessmark.compare.inspect;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything {@code wmark info} says about one checkpoint.
 *
 * @param checkpoint what was opened; may be closed by now
 * @param model its meaning
 * @param tensors its tensors, in file order
 */
public record Inspection(
    Checkpoint checkpoint, ModelDescription model, List<InspectedTensor> tensors) {

  public Inspection {
    tensors = List.copyOf(tensors);
  }

  /** Inspects {@code checkpoint} in one pass over its file, if any pass is needed. */
  public static Inspection of(Checkpoint checkpoint, TensorInspector.Depth depth, Progress progress)
      throws IOException {
    ModelDescription model = ModelDescription.of(checkpoint);
    List<InspectedTensor> tensors = new ArrayList<>(model.tensors().size());
    if (depth.reads()) {
      progress.begin("reading", checkpoint.tensors().stream().mapToLong(TensorView::bytes).sum());
    }
    try (TensorInspector inspector = new TensorInspector(depth, model.parameters())) {
      for (IdentifiedTensor tensor : model.tensors()) {
        tensors.add(new InspectedTensor(tensor, inspector.inspect(tensor.view())));
        progress.advance(tensor.view().bytes());
      }
    }
    return new Inspection(checkpoint, model, tensors);
  }

  /** Bytes of all files of the checkpoint. */
  public long fileBytes() {
    return checkpoint.files().stream().mapToLong(ByteSource::size).sum();
  }
}
