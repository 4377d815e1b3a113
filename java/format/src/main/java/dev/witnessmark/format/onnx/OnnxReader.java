package dev.witnessmark.format.onnx;

import dev.witnessmark.format.AffineCode;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the weights of ONNX models, with values inside or in files beside them.
 *
 * <p>The tensors are the graph's initializers in file order, and the values of {@code Constant}
 * nodes that are multiplied by. Scales and zero points of integer weights are not tensors of their
 * own but their {@link TensorView#affine()}, whose axis counts the dimensions as stored.
 */
public final class OnnxReader {

  private OnnxReader() {}

  /**
   * Opens the model at {@code path}; no value of a weight is read.
   *
   * @throws Refusal if the file is not an ONNX model, breaks a rule of the format or exceeds {@code
   *     limits}
   */
  public static Checkpoint read(Path path, Limits limits) throws IOException {
    try (OpenFiles files = new OpenFiles()) {
      return read(path, files.open(path), files, limits);
    }
  }

  /**
   * Reads {@code model}, which is at {@code path}.
   *
   * @param files holds {@code model}, and afterwards nothing if a checkpoint is returned
   */
  static Checkpoint read(Path path, ByteSource model, OpenFiles files, Limits limits)
      throws IOException {
    HeaderBudget budget = new HeaderBudget(model.name(), limits.headerBytes());
    ExternalFiles external = new ExternalFiles(path, files, limits);
    Graph graph = GraphParser.parse(model, limits, budget);
    List<TensorView> tensors = tensors(graph, model, external, budget);
    external.refuseOverlaps();
    return new Checkpoint(
        path,
        FileFormat.ONNX,
        Long.toString(graph.irVersion()),
        graph.metadata(),
        tensors,
        files.release());
  }

  private static List<TensorView> tensors(
      Graph graph, ByteSource model, ExternalFiles external, HeaderBudget budget)
      throws IOException {
    WeightUses uses = new WeightUses(graph);
    Values values = new Values(model, external, budget);
    AffineCodes codes = new AffineCodes(model.name(), uses, values, budget);
    List<TensorView> tensors = new ArrayList<>();
    for (WeightUses.Weight named : uses.weights()) {
      Initializer weight = named.initializer();
      Values.Stored stored = values.of(weight);
      Optional<Scaling> scaling = uses.scaling(weight);
      AffineCode affine =
          scaling.isEmpty() ? null : codes.read(weight, stored.type(), scaling.get());
      tensors.add(
          new TensorView(
              named.name(),
              weight.name(),
              stored.type(),
              weight.shape(),
              stored.source(),
              stored.offset(),
              stored.bytes(),
              ByteOrder.LITTLE_ENDIAN,
              uses.transposed(weight),
              affine));
    }
    return tensors;
  }
}
