package dev.witnessmark.compare.testing;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.peft.LowRankUpdate;
import dev.witnessmark.format.peft.PeftAdapter;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.model.ModelDescription;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A checkpoint in memory: one file that holds the tensors one after the other. */
public final class TestModel {

  private record Tensor(String name, TensorType type, Shape shape, long offset, long bytes) {}

  private final FileFormat format;
  private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private UnaryOperator<ByteSource> device = source -> source;

  private TestModel(FileFormat format) {
    this.format = format;
  }

  public static TestModel gguf(String architecture) {
    return new TestModel(FileFormat.GGUF).text("general.architecture", architecture);
  }

  public static TestModel huggingFace() {
    return new TestModel(FileFormat.SAFETENSORS);
  }

  public TestModel text(String key, String value) {
    metadata.put(key, new MetadataValue.Text(value));
    return this;
  }

  public TestModel whole(String key, long value) {
    metadata.put(key, new MetadataValue.Whole(BigInteger.valueOf(value)));
    return this;
  }

  public TestModel flag(String key, boolean value) {
    metadata.put(key, new MetadataValue.Flag(value));
    return this;
  }

  /** Adds a tensor of stored bytes. */
  public TestModel tensor(String name, TensorType type, byte[] stored, long... shape) {
    Shape dimensions = Shape.of(shape);
    if (type.bytes(dimensions.elements()) != stored.length) {
      throw new IllegalArgumentException(name + " " + dimensions + ": " + stored.length + " bytes");
    }
    tensors.add(new Tensor(name, type, dimensions, data.size(), stored.length));
    data.writeBytes(stored);
    return this;
  }

  /** Adds a float32 tensor. */
  public TestModel tensor(String name, float[] values, long... shape) {
    return tensor(name, TensorType.F32, Numbers.f32(values), shape);
  }

  /** Adds a float32 vector. */
  public TestModel vector(String name, float... values) {
    return tensor(name, values, values.length);
  }

  /** Reads go through what {@code device} makes of the file. */
  public TestModel on(UnaryOperator<ByteSource> faulty) {
    device = faulty;
    return this;
  }

  /** Number of bytes of tensors. */
  public long size() {
    return data.size();
  }

  public Checkpoint checkpoint(String name) {
    ByteSource source = device.apply(new BytesSource(name, data.toByteArray()));
    List<TensorView> views =
        tensors.stream()
            .map(t -> TensorView.stored(t.name, t.type, t.shape, source, t.offset, t.bytes))
            .toList();
    return new Checkpoint(
        Path.of(name), format, "", new Metadata(metadata), views, List.of(source));
  }

  public Operand operand(String name) {
    Checkpoint checkpoint = checkpoint(name);
    return new Operand(name, checkpoint, ModelDescription.of(checkpoint), null, Map.of());
  }

  /** This model with {@code adapter} on top. */
  public Operand operand(String name, PeftAdapter adapter) throws IOException {
    Checkpoint checkpoint = checkpoint(name);
    ModelDescription model = ModelDescription.of(checkpoint);
    return new Operand(name, checkpoint, model, adapter, Operand.fit(model, adapter));
  }

  /** An adapter of one update: {@code a [rank, in]}, {@code b [out, rank]}. */
  public static PeftAdapter adapter(
      String target, float[] a, float[] b, int rank, double scale, boolean transposed) {
    Checkpoint factors =
        huggingFace()
            .tensor("a", a, rank, a.length / rank)
            .tensor("b", b, b.length / rank, rank)
            .checkpoint("adapter");
    return new PeftAdapter(
        factors,
        List.of(
            new LowRankUpdate(
                target, factors.tensors().get(0), factors.tensors().get(1), scale, transposed)),
        List.of());
  }

  /** A view of a tensor with these stored bytes, by itself. */
  public static TensorView view(TensorType type, byte[] stored, long... shape) {
    return huggingFace().tensor("t", type, stored, shape).checkpoint("m").tensors().getFirst();
  }

  /** A view of a float32 tensor by itself. */
  public static TensorView view(float[] values, long... shape) {
    return view(TensorType.F32, Numbers.f32(values), shape);
  }

  @Override
  public String toString() {
    return format.label() + Arrays.toString(tensors.stream().map(Tensor::name).toArray());
  }
}
