package dev.witnessmark.fingerprint.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.GoldenData;
import dev.witnessmark.fingerprint.bgz7.Bgz7Entry;
import dev.witnessmark.fingerprint.bgz7.Bgz7Index;
import dev.witnessmark.fingerprint.bgz7.Bgz7Record;
import dev.witnessmark.format.Limits;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class CheckpointFingerprintsTest {

  private static FingerprintModel model(String golden, int stride, boolean vector)
      throws IOException {
    return CheckpointFingerprints.open(
            Operand.open(GoldenData.path(golden).toString(), Limits.DEFAULT),
            new CheckpointFingerprints.Options(stride, false),
            new KernelChoice(vector, "asked for"))
        .model();
  }

  private static short[] all(FingerprintTensor tensor) throws IOException {
    short[] numbers = new short[(int) tensor.rows() * Fingerprint.DIMENSIONS];
    tensor.read(0, (int) tensor.rows(), numbers);
    return numbers;
  }

  @ParameterizedTest
  @CsvSource({
    "models/base.safetensors, 1, bgz7/base.bgz7, false",
    "models/base.safetensors, 1, bgz7/base.bgz7, true",
    "models/base.safetensors, 16, bgz7/base.stride16.bgz7, true",
    "gguf/orientation.gguf, 1, gguf/orientation.correct.bgz7, true"
  })
  void theGoldenIndexIsThatOfTheGoldenModel(
      String checkpoint, int stride, String index, boolean vector) throws IOException {
    try (FingerprintModel model = model(checkpoint, stride, vector);
        Bgz7Index golden =
            Bgz7Index.open(GoldenData.path(index), Bgz7Index.Reading.STRICT, Limits.DEFAULT)) {
      assertThat(model.tensors()).hasSameSizeAs(golden.records());
      for (int i = 0; i < golden.records().size(); i++) {
        Bgz7Record expected = golden.records().get(i);
        FingerprintTensor tensor = model.tensors().get(i);
        assertThat(Bgz7Entry.of(tensor)).isEqualTo(Bgz7Entry.of(expected));
        assertThat(all(tensor)).as(tensor.name()).isEqualTo(all(expected));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void everyTypeIsDecodedAsItsFormatSaysD8(boolean vector) throws IOException {
    JsonNode golden = GoldenData.json("gguf/gguf.json").get("types");
    try (FingerprintModel model = model("gguf/types.gguf", 1, vector)) {
      assertThat(model.tensors()).hasSize(6);
      for (FingerprintTensor tensor : model.tensors()) {
        List<Fingerprint> expected =
            golden.get(tensor.name()).valueStream().map(GoldenData::fingerprint).toList();
        assertThat(tensor.rows()).isEqualTo(expected.size());
        short[] numbers = all(tensor);
        for (int row = 0; row < expected.size(); row++) {
          assertThat(Fingerprint.row(numbers, row)).as(tensor.name()).isEqualTo(expected.get(row));
        }
      }
    }
  }

  @Test
  void ignoredIntegersAndWholeTensorsAreNoticed() throws IOException {
    try (FingerprintModel model = model("models/base.safetensors", 16, false)) {
      assertThat(model.notices()).hasSize(2);
      assertThat(model.notices().getFirst()).contains("1 tensors of I32");
      assertThat(model.incomplete()).isEmpty();
    }
  }
}
