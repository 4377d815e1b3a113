package dev.witnessmark.format.onnx;

import static dev.witnessmark.format.testing.OnnxBytes.entry;
import static dev.witnessmark.format.testing.OnnxBytes.floats;
import static dev.witnessmark.format.testing.OnnxBytes.littleEndian;
import static dev.witnessmark.format.testing.OnnxBytes.message;
import static dev.witnessmark.format.testing.OnnxBytes.model;
import static dev.witnessmark.format.testing.OnnxBytes.node;
import static dev.witnessmark.format.testing.OnnxBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.OnnxBytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxReaderTest {

  @TempDir private Path folder;

  @Test
  void aRawInitializerIsFoundWhereItsBytesAre() throws IOException {
    byte[] file =
        model(
                message()
                    .initializer(floats("first", List.of(2L), 1f, 2f))
                    .initializer(floats("second.weight", List.of(2L, 3L), 3f, 4f, 5f, 6f, 7f, 8f)))
            .toByteArray();

    try (Checkpoint checkpoint = open(file)) {
      TensorView second = checkpoint.tensors().get(1);

      assertThat(checkpoint.tensors()).extracting(TensorView::name).first().isEqualTo("first");
      assertThat(second.name()).isEqualTo("second.weight");
      assertThat(second.storedName()).isEqualTo("second.weight");
      assertThat(second.type()).isEqualTo(TensorType.F32);
      assertThat(second.shape()).isEqualTo(Shape.of(2, 3));
      assertThat(second.offset()).isEqualTo(indexOf(file, littleEndian(3f, 4f, 5f, 6f, 7f, 8f)));
      assertThat(second.bytes()).isEqualTo(24);
      assertThat(second.transposed()).isFalse();
      assertThat(second.affine()).isNull();
    }
  }

  @Test
  void packedFloatsAreViewedInPlace() throws IOException {
    byte[] file =
        model(
                message()
                    .initializer(tensor("w", OnnxBytes.FLOAT, 2).bytes(4, littleEndian(0.5f, -2f))))
            .toByteArray();

    try (Checkpoint checkpoint = open(file)) {
      TensorView tensor = checkpoint.tensors().getFirst();

      assertThat(tensor.source()).isSameAs(checkpoint.files().getFirst());
      assertThat(tensor.offset()).isEqualTo(indexOf(file, littleEndian(0.5f, -2f)));
    }
  }

  @Test
  void dimensionsMayBePacked() throws IOException {
    OnnxBytes packed = message().integers(1, 2, 3).integer(2, OnnxBytes.FLOAT).text(8, "w");

    try (Checkpoint checkpoint =
        open(model(message().initializer(packed.bytes(9, new byte[24]))).toByteArray())) {
      assertThat(checkpoint.tensors().getFirst().shape()).isEqualTo(Shape.of(2, 3));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 5, U8, 255, ff",
    "3, 5, I8, -2, fe",
    "4, 5, U16, 65535, ffff",
    "5, 5, I16, -2, feff",
    "6, 5, I32, -2, feffffff",
    "7, 7, I64, -2, feffffffffffffff",
    "9, 5, BOOL, 1, 01",
    "10, 5, F16, 15360, 003c",
    "12, 11, U32, 4294967295, ffffffff",
    "13, 11, U64, -1, ffffffffffffffff",
    "16, 5, BF16, 16256, 803f",
    "17, 5, F8_E4M3, 126, 7e",
    "19, 5, F8_E5M2, 255, ff"
  })
  void varintsAreDecodedToLittleEndianBytes(
      int dataType, int field, TensorType type, long value, String bytes) throws IOException {
    OnnxBytes tensor = tensor("w", dataType, 2).integers(field, 0, value);

    try (Checkpoint checkpoint = open(model(message().initializer(tensor)).toByteArray())) {
      TensorView view = checkpoint.tensors().getFirst();

      assertThat(view.type()).isEqualTo(type);
      assertThat(HexFormat.of().formatHex(ModelFile.bytesOf(view)))
          .isEqualTo("00".repeat(type.blockBytes()) + bytes);
    }
  }

  @Test
  void aTensorWithoutElementsNeedsNoValues() throws IOException {
    try (Checkpoint checkpoint =
        open(model(message().initializer(tensor("empty", OnnxBytes.FLOAT, 0, 4))).toByteArray())) {
      assertThat(checkpoint.tensors().getFirst().bytes()).isZero();
    }
  }

  @Test
  void metadataIsKept() throws IOException {
    byte[] file =
        model(message())
            .text(2, "pytorch")
            .text(3, "2.0.1")
            .message(8, message().text(1, "").integer(2, 17))
            .message(8, message().text(1, "com.microsoft").integer(2, 1))
            .message(14, entry("note", "ein Füchslein"))
            .toByteArray();

    try (Checkpoint checkpoint = open(file)) {
      assertThat(checkpoint.format()).isEqualTo(FileFormat.ONNX);
      assertThat(checkpoint.formatVersion()).isEqualTo("8");
      assertThat(checkpoint.metadata().whole("onnx.ir_version")).hasValue(8);
      assertThat(checkpoint.metadata().text("onnx.producer_name")).hasValue("pytorch");
      assertThat(checkpoint.metadata().text("onnx.producer_version")).hasValue("2.0.1");
      assertThat(checkpoint.metadata().whole("onnx.opset.ai.onnx")).hasValue(17);
      assertThat(checkpoint.metadata().whole("onnx.opset.com.microsoft")).hasValue(1);
      assertThat(checkpoint.metadata().text("note")).hasValue("ein Füchslein");
    }
  }

  @Test
  void externalValuesAreInTheirFile() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[64]);
    byte[] file =
        model(
                message()
                    .initializer(
                        tensor("w", OnnxBytes.FLOAT, 4)
                            .external(
                                entry("location", "weights.bin"),
                                entry("offset", "32"),
                                entry("length", "16"),
                                entry("checksum", "0123")))
                    .initializer(
                        tensor("v", OnnxBytes.FLOAT, 8).external(entry("location", "weights.bin"))))
            .toByteArray();

    try (Checkpoint checkpoint = open(file)) {
      TensorView w = checkpoint.tensors().getFirst();

      assertThat(w.source().name()).isEqualTo(folder.resolve("weights.bin").toString());
      assertThat(w.offset()).isEqualTo(32);
      assertThat(w.bytes()).isEqualTo(16);
      assertThat(checkpoint.tensors().get(1).offset()).isZero();
      assertThat(checkpoint.files()).hasSize(2);
    }
  }

  @Test
  void tiedExternalValuesMayBeTheSameBytes() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[16]);
    OnnxBytes graph = message();
    for (String name : List.of("embedding", "head")) {
      graph.initializer(
          tensor(name, OnnxBytes.FLOAT, 4).external(entry("location", "weights.bin")));
    }

    try (Checkpoint checkpoint = open(model(graph).toByteArray())) {
      assertThat(checkpoint.tensors()).hasSize(2);
    }
  }

  @Test
  void aModelAndItsValuesMayBeLinksIntoOneFolder() throws IOException {
    Path contents = Files.createDirectory(folder.resolve("blobs"));
    Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
    Files.write(contents.resolve("01"), new byte[16]);
    Files.write(
        contents.resolve("02"),
        model(
                message()
                    .initializer(
                        tensor("w", OnnxBytes.FLOAT, 4).external(entry("location", "w.bin"))))
            .toByteArray());
    Files.createSymbolicLink(snapshot.resolve("w.bin"), Path.of("../blobs/01"));
    Files.createSymbolicLink(snapshot.resolve("model.onnx"), Path.of("../blobs/02"));

    try (Checkpoint checkpoint = OnnxReader.read(snapshot.resolve("model.onnx"), Limits.DEFAULT)) {
      assertThat(checkpoint.tensors()).hasSize(1);
    }
  }

  @Test
  void offsetsBeyondTwoGibibytesAreExact() throws IOException {
    long elements = (5L << 30) / Float.BYTES;
    byte[] large = tensor("large", OnnxBytes.FLOAT, elements).promise(9, 5L << 30).toByteArray();
    byte[] after = floats("after", List.of(1L), 42f).toByteArray();
    byte[] afterField = message().bytes(5, after).toByteArray();
    long largeBytes = large.length + (5L << 30);
    byte[] graphStart = message().promise(5, largeBytes).toByteArray();
    byte[] start =
        message()
            .integer(1, 8)
            .promise(7, graphStart.length + largeBytes + afterField.length)
            .toByteArray();
    Path path = folder.resolve("large.onnx");
    long payload = start.length + (long) graphStart.length + large.length;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(start);
      file.write(graphStart);
      file.write(large);
      file.seek(payload + (5L << 30));
      file.write(afterField);
    }

    try (Checkpoint checkpoint = OnnxReader.read(path, Limits.DEFAULT)) {
      assertThat(checkpoint.tensors())
          .extracting(TensorView::name)
          .containsExactly("large", "after");
      assertThat(checkpoint.tensors().getFirst().offset()).isEqualTo(payload);
      assertThat(checkpoint.tensors().getFirst().bytes()).isEqualTo(5L << 30);
      assertThat(ModelFile.bytesOf(checkpoint.tensors().get(1))).isEqualTo(littleEndian(42f));
    }
  }

  /** Linear work takes a second; anything quadratic would take many minutes. */
  @Test
  @Timeout(30)
  void aQuarterOfAMillionTensorsAreOpenedInTime() throws IOException {
    OnnxBytes graph = message();
    for (int i = 0; i < 250_000; i++) {
      graph
          .with(node("MatMul", "/layer." + i + "/MatMul", "y" + i, "x", "onnx::MatMul_" + i))
          .initializer(tensor("onnx::MatMul_" + i, OnnxBytes.UINT8, 1, 1).bytes(9, new byte[1]));
    }

    List<TensorView> tensors = ModelFile.ofGraph(folder, graph).tensors();

    assertThat(tensors).hasSize(250_000);
    assertThat(tensors.getLast().name()).isEqualTo("layer.249999.weight");
  }

  private Checkpoint open(byte[] model) throws IOException {
    return ModelFile.of(folder, model).open();
  }

  /** Where {@code part} begins in {@code whole}; both as text of one byte per character. */
  private static long indexOf(byte[] whole, byte[] part) {
    return new String(whole, StandardCharsets.ISO_8859_1)
        .indexOf(new String(part, StandardCharsets.ISO_8859_1));
  }
}
