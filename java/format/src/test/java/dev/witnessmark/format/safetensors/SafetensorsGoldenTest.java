package dev.witnessmark.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.GoldenFiles;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class SafetensorsGoldenTest {

  private static final GoldenFiles GOLDEN = GoldenFiles.of("safetensors");

  static Stream<JsonNode> entries() throws IOException {
    return GOLDEN.entries();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void holdsWhatTheManifestSays(JsonNode entry) throws IOException {
    Path path = GOLDEN.file(entry);
    try (Checkpoint checkpoint = CheckpointReader.open(path, Limits.DEFAULT)) {
      assertThat(checkpoint.format()).isEqualTo(FileFormat.SAFETENSORS);
      Map<String, MetadataValue> metadata = new LinkedHashMap<>();
      entry
          .get("metadata")
          .propertyStream()
          .forEach(pair ->
              metadata.put(pair.getKey(), new MetadataValue.Text(pair.getValue().asString())));
      assertThat(checkpoint.metadata().entries()).containsExactlyEntriesOf(metadata);
      assertTensors(checkpoint, entry.get("tensors"), dataStart(path));
    }
  }

  private static void assertTensors(Checkpoint checkpoint, JsonNode expected, long dataStart)
      throws IOException {
    assertThat(checkpoint.tensors())
        .extracting(TensorView::name)
        .containsExactlyInAnyOrderElementsOf(
            expected.valueStream().map(tensor -> tensor.get("name").asString()).toList());
    long end = dataStart;
    for (TensorView found : checkpoint.tensors()) {
      JsonNode tensor =
          expected
              .valueStream()
              .filter(candidate -> candidate.get("name").asString().equals(found.name()))
              .findAny()
              .orElseThrow();
      assertThat(found.type()).hasToString(tensor.get("dtype").asString());
      assertThat(found.shape().toArray())
          .containsExactly(tensor.get("shape").valueStream().mapToLong(JsonNode::asLong).toArray());
      assertThat(found.offset())
          .as("in the order of the data")
          .isEqualTo(dataStart + tensor.get("data_offsets").get(0).asLong())
          .isEqualTo(end);
      end += found.bytes();
      assertThat(end).isEqualTo(dataStart + tensor.get("data_offsets").get(1).asLong());
      assertThat(GoldenFiles.sha256(found)).isEqualTo(tensor.get("sha256").asString());
    }
  }

  private static long dataStart(Path path) throws IOException {
    return 8 + ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
