package dev.witnessmark.model;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A described checkpoint that holds no values: what names and metadata alone decide. */
public final class Models {

  private final FileFormat format;
  private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
  private final List<TensorView> tensors = new ArrayList<>();

  private Models(FileFormat format) {
    this.format = format;
  }

  public static Models gguf(String architecture) {
    return new Models(FileFormat.GGUF).text("general.architecture", architecture);
  }

  public static Models huggingFace() {
    return new Models(FileFormat.SAFETENSORS);
  }

  public Models text(String key, String value) {
    metadata.put(key, new MetadataValue.Text(value));
    return this;
  }

  public Models whole(String key, long value) {
    return put(key, new MetadataValue.Whole(BigInteger.valueOf(value)));
  }

  public Models real(String key, double value) {
    return put(key, new MetadataValue.Real(value));
  }

  /** Any value, in place of another one. */
  public Models put(String key, MetadataValue value) {
    metadata.put(key, value);
    return this;
  }

  public Models without(String key) {
    metadata.remove(key);
    return this;
  }

  public Models flag(String key, boolean value) {
    metadata.put(key, new MetadataValue.Flag(value));
    return this;
  }

  public Models tensor(String name, long... shape) {
    return tensor(name, false, shape);
  }

  /**
   * A tensor of which the reader says that it is stored {@code [in, out]} if {@code transposed}.
   */
  Models tensor(String name, boolean transposed, long... shape) {
    TensorView plain =
        TensorView.stored(
            name,
            TensorType.F32,
            Shape.of(shape),
            new BytesSource("model", new byte[0]),
            0,
            Shape.of(shape).elements() * Float.BYTES);
    tensors.add(
        new TensorView(
            name,
            name,
            plain.type(),
            plain.shape(),
            plain.source(),
            plain.offset(),
            plain.bytes(),
            plain.order(),
            transposed,
            null));
    return this;
  }

  public ModelDescription describe() {
    return ModelDescription.of(checkpoint());
  }

  public Checkpoint checkpoint() {
    return new Checkpoint(Path.of("model"), format, "", new Metadata(metadata), tensors, List.of());
  }

  /** The identified tensor {@code name} of {@code model}. */
  static IdentifiedTensor find(ModelDescription model, String name) {
    return model.tensors().stream()
        .filter(tensor -> tensor.view().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no tensor " + name));
  }
}
