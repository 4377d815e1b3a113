package dev.witnessmark.format.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.GoldenFiles;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class GgufGoldenTest {

  private static final GoldenFiles GOLDEN = GoldenFiles.of("gguf");

  static Stream<JsonNode> entries() throws IOException {
    return GOLDEN.entries();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void holdsWhatTheManifestSays(JsonNode entry) throws IOException {
    try (Checkpoint checkpoint = CheckpointReader.open(GOLDEN.file(entry), Limits.DEFAULT)) {
      assertThat(checkpoint.format()).isEqualTo(FileFormat.GGUF);
      assertThat(checkpoint.formatVersion()).isEqualTo(entry.get("version").asString());
      assertMetadata(checkpoint, entry.get("metadata"));
      assertTensors(checkpoint, entry);
      boolean big = entry.get("endian").asString().equals("big");
      assertThat(checkpoint.notes()).hasSize(big ? 1 : 0);
    }
  }

  private static void assertMetadata(Checkpoint checkpoint, JsonNode expected) {
    List<Map.Entry<String, MetadataValue>> found =
        new ArrayList<>(checkpoint.metadata().entries().entrySet());
    assertThat(found).hasSize(expected.size());
    for (int i = 0; i < found.size(); i++) {
      JsonNode pair = expected.get(i);
      assertThat(found.get(i).getKey()).isEqualTo(pair.get("key").asString());
      assertValue(found.get(i).getValue(), pair.get("type").asString(), pair.get("value"), 0);
    }
  }

  private static void assertValue(MetadataValue found, String type, JsonNode value, int depth) {
    switch (type) {
      case "str" -> assertThat(found).isEqualTo(new MetadataValue.Text(value.asString()));
      case "bool" -> assertThat(found).isEqualTo(new MetadataValue.Flag(value.asBoolean()));
      case "f32", "f64" ->
          assertThat(found).isEqualTo(new MetadataValue.Real(Double.parseDouble(value.asString())));
      case "arr" -> {
        MetadataValue.Sequence sequence = (MetadataValue.Sequence) found;
        JsonNode values = value.get("values");
        String elementType = value.get("element_type").asString();
        assertThat(sequence.elementType()).isEqualTo(elementType);
        assertThat(sequence.count()).isEqualTo(values.size());
        assertThat(sequence.head()).hasSize(depth == 0 ? Math.min(16, values.size()) : 0);
        for (int i = 0; i < sequence.head().size(); i++) {
          assertValue(sequence.head().get(i), elementType, values.get(i), depth + 1);
        }
      }
      default ->
          assertThat(found).isEqualTo(new MetadataValue.Whole(new BigInteger(value.asString())));
    }
  }

  private static void assertTensors(Checkpoint checkpoint, JsonNode entry) throws IOException {
    JsonNode expected = entry.get("tensors");
    ByteOrder order =
        entry.get("endian").asString().equals("big")
            ? ByteOrder.BIG_ENDIAN
            : ByteOrder.LITTLE_ENDIAN;
    assertThat(checkpoint.tensors()).hasSize(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      TensorView found = checkpoint.tensors().get(i);
      JsonNode tensor = expected.get(i);
      assertThat(found.name()).isEqualTo(tensor.get("name").asString());
      assertThat(found.type()).hasToString(tensor.get("type").asString());
      assertThat(found.shape().toArray())
          .containsExactly(
              tensor.get("shape_row_major").valueStream().mapToLong(JsonNode::asLong).toArray());
      assertThat(found.offset())
          .isEqualTo(entry.get("data_offset").asLong() + tensor.get("offset").asLong());
      assertThat(found.bytes()).isEqualTo(tensor.get("nbytes").asLong());
      assertThat(found.order()).isEqualTo(order);
      assertThat(GoldenFiles.sha256(found)).isEqualTo(tensor.get("sha256").asString());
    }
  }
}
