package dev.witnessmark.explain.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.explain.testing.CaptureFolder;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a capture folder must be, and how its layers are read. */
class CapturesTest {

  @TempDir private Path folder;

  private static CaptureFolder captures() {
    return new CaptureFolder(2, 3);
  }

  private Captures open(CaptureFolder captures) throws IOException {
    return Captures.open(captures.write(folder), Limits.DEFAULT);
  }

  private static float[] counting(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return values;
  }

  @Test
  void layersAreReadOneByOne() throws IOException {
    CaptureFolder written =
        captures()
            .tensor("hs_clean_fit", counting(12), 2, 2, 3)
            .tensor("tok_hs_persona_pos_fit", counting(48), 2, 2, 4, 3)
            .tensor("tok_attn_persona_pos_fit", counting(16), 2, 2, 4)
            .tensor("lora_diff_eval", counting(6), 2, 1, 3)
            .tensor("of_another_tool", counting(1), 1);
    try (Captures captures = open(written)) {
      assertThat(captures.tensors())
          .containsExactlyInAnyOrder(
              CaptureTensor.CLEAN_FIT,
              CaptureTensor.TOKENS_POSITIVE_FIT,
              CaptureTensor.ATTENTION_POSITIVE_FIT,
              CaptureTensor.LABEL_EVAL);
      assertThat(captures.layer(CaptureTensor.CLEAN_FIT, 1).values())
          .containsExactly(6, 7, 8, 9, 10, 11);
      assertThat(captures.layer(CaptureTensor.TOKENS_POSITIVE_FIT, 1).rows()).isEqualTo(8);
      assertThat(captures.layer(CaptureTensor.TOKENS_POSITIVE_FIT, 1).at(0, 0)).isEqualTo(24);
      assertThat(captures.layer(CaptureTensor.ATTENTION_POSITIVE_FIT, 1).at(1, 3)).isEqualTo(15);
      assertThat(captures.layer(CaptureTensor.LABEL_EVAL, 0).values()).containsExactly(0, 1, 2);
      CaptureDescription description = captures.description();
      assertThat(description.model().name()).isEqualTo("m");
      assertThat(description.fit()).hasSize(2);
      assertThat(description.fit().getFirst().tokens()).containsExactly(1, 2);
      assertThat(description.personas().orElseThrow().negative()).contains("n");
      assertThat(description.delta()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2 3 3, hs_clean_fit, 3, 2",
    "3 2 3, hs_clean_fit, 3, 2",
    "2 2 4, hs_clean_fit, 4, 3",
    "2 6, hs_clean_fit, 2, 3",
    "2 2 3, lora_diff_eval, 2, 1",
    "2 2 3, tok_hs_persona_pos_fit, 3, 4"
  })
  void anotherShapeIsRefused(String dimensions, String name, long found, long expected) {
    long[] shape =
        java.util.Arrays.stream(dimensions.split(" ")).mapToLong(Long::parseLong).toArray();
    int count = (int) java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> open(captures().tensor(name, counting(count), shape)))
        .satisfies(refusal -> {
          assertThat(refusal.subject()).isEqualTo(name);
          assertThat(refusal.found()).isEqualTo(found);
          assertThat(refusal.expected()).isEqualTo(expected);
        });
  }

  @Test
  void attentionIsOfTheSameTokens() {
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() ->
            open(
                captures()
                    .tensor("tok_hs_persona_neg_fit", counting(48), 2, 2, 4, 3)
                    .tensor("tok_attn_persona_neg_fit", counting(12), 2, 2, 3)))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(3);
          assertThat(refusal.expected()).isEqualTo(4);
        });
  }

  @Test
  void statesThatAreNotFiniteAreRefused() throws IOException {
    float[] values = counting(12);
    values[7] = Float.NaN;
    try (Captures captures = open(captures().tensor("hs_clean_fit", values, 2, 2, 3))) {
      assertThat(captures.layer(CaptureTensor.CLEAN_FIT, 0).at(1, 2)).isEqualTo(5);
      assertThatExceptionOfType(Refusal.Unsupported.class)
          .isThrownBy(() -> captures.layer(CaptureTensor.CLEAN_FIT, 1));
    }
  }

  /** States that were recorded in another way look the same, and mean something else. */
  @ParameterizedTest
  @CsvSource({
    "wmark-activations-v1, wmark-activations-v2",
    "before the final norm, after the final norm",
    "last token, first token"
  })
  void anotherWayOfRecordingIsRefused(String expected, String found) {
    assertThatExceptionOfType(Refusal.Unsupported.class)
        .isThrownBy(() -> open(captures().replacing(expected, found)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"layers\": 2| \"layers\": -2",
        "\"layers\": 2| \"layers\": 5000",
        "\"width\": 3| \"width\": 20000",
        "\"width\": 3| \"width\": \"3\"",
        "\"delta\": null,| ",
        "\"delta\": null| \"deltas\": null",
        "\"sha256\": null| \"sha256\": \"12\"",
        "[1, 2]| [1, -2]",
        "[1, 2]| [1, 4294967296]",
        "\"template\": true| \"template\": null",
        "\"model\": {\"name\": \"m\", \"sha256\": null}| \"model\": null"
      })
  void aDescriptionThatIsWrongIsRefused(String old, String by) {
    assertThatExceptionOfType(Refusal.Malformed.class)
        .isThrownBy(() -> open(captures().replacing(old, by == null ? "" : by)));
  }

  @Test
  void bothFilesAreNeeded() throws IOException {
    Path written = captures().write(folder);
    Files.delete(written.resolve("capture.json"));
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> Captures.open(written, Limits.DEFAULT));
    captures().write(folder);
    Files.delete(written.resolve("activations.safetensors"));
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> Captures.open(written, Limits.DEFAULT));
  }
}
