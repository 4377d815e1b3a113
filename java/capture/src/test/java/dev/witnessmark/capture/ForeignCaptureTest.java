package dev.witnessmark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.capture.dump.NpyBytes;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.safetensors.SafetensorsReader;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignCaptureTest {

  @TempDir Path folder;

  private static Capture open(Path path, String... rules) throws IOException {
    byte[] text = String.join("\n", rules).getBytes(StandardCharsets.UTF_8);
    NameMap names = NameMap.read(new BytesSource("names", text), Limits.DEFAULT);
    return Capture.open(path, new CaptureOptions(true, names, Optional.empty()), Limits.DEFAULT);
  }

  private static Capture openWithModel(Path path) throws IOException {
    return Capture.open(
        path,
        new CaptureOptions(true, NameMap.none(), Optional.of(SmallModel.model())),
        Limits.DEFAULT);
  }

  private Path safetensors(SafetensorsBuilder builder) throws IOException {
    return Files.write(folder.resolve("dump.safetensors"), builder.build());
  }

  private void npy(String name, String type, String shape, int bytes) throws IOException {
    Path path = folder.resolve(name + ".npy");
    Files.createDirectories(path.getParent());
    Files.write(path, NpyBytes.file(1, NpyBytes.dictionary(type, false, shape), new byte[bytes]));
  }

  private static Shape shape(Capture capture, Stage stage, int layer) {
    return capture.find(stage, layer).orElseThrow().shape();
  }

  @Test
  void aCaptureInFloat64NeedsNoMap() throws IOException, URISyntaxException {
    Path golden =
        Path.of(
            Objects.requireNonNull(
                    ForeignCaptureTest.class.getResource("/golden/trace/llama__lord.safetensors"))
                .toURI());
    try (Capture capture = open(golden)) {
      assertThat(capture.manifest()).isEmpty();
      assertThat(capture.unmapped()).isEmpty();
      assertThat(capture.prompt()).contains("And the LORD said unto");
      assertThat(capture.tokens()).containsExactly(33, 261, 259, 344, 392, 324);
      assertThat(capture.positions()).isEqualTo(6);
      assertThat(capture.stages()).hasSize(18);
      assertThat(capture.stages().firstKey()).isEqualTo(new StageKey(Stage.ATTN_NORM, 1));
      assertThat(shape(capture, Stage.ATTN_SOFTMAX, 1)).isEqualTo(Shape.of(8, 6, 6));
      assertThat(shape(capture, Stage.QKV_MATMUL, 1)).isEqualTo(Shape.of(6, 512));
      TensorView logits = capture.find(Stage.LM_HEAD, 0).orElseThrow();
      assertThat(logits.type()).isEqualTo(TensorType.F64);
      MemorySegment value = Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE);
      logits.read(8L * 749, value);
      assertThat(value.get(ValueLayout.JAVA_DOUBLE, 0)).isCloseTo(7.668436576687585, within(1e-15));
    }
  }

  @Test
  void hooksOfPyTorchAreReadByAMap() throws IOException {
    Path file =
        safetensors(
            new SafetensorsBuilder()
                .metadata("token_ids", "[1, 22,3]")
                .tensor("model.layers.1.mlp.down_proj", "BF16", new byte[2 * 3 * 6], 1, 3, 6)
                .tensor("model.layers.1.self_attn.q", "F16", new byte[2 * 3 * 8], 1, 3, 2, 4)
                .tensor("attn.1", "F32", new byte[4 * 2 * 3 * 3], 1, 2, 3, 3)
                .tensor("logits", "F64", new byte[8 * 3 * 7], 1, 3, 7)
                .tensor("loss", "F32", new byte[4]));
    try (Capture capture =
        open(
            file,
            "model.layers.#.mlp.down_proj = ffn_out",
            "model.layers.#.self_attn.q = q_post_rope",
            "attn.# = attn_softmax",
            "logits = lm_head")) {
      assertThat(capture.positions()).isEqualTo(3);
      assertThat(capture.tokens()).isEqualTo(List.of(1, 22, 3));
      assertThat(capture.unmapped()).containsExactly("loss");
      assertThat(shape(capture, Stage.FFN_OUT, 1)).isEqualTo(Shape.of(3, 6));
      assertThat(shape(capture, Stage.Q_POST_ROPE, 1)).isEqualTo(Shape.of(3, 8));
      assertThat(shape(capture, Stage.ATTN_SOFTMAX, 1)).isEqualTo(Shape.of(2, 3, 3));
      TensorView logits = capture.find(Stage.LM_HEAD, 0).orElseThrow();
      assertThat(logits.shape()).isEqualTo(Shape.of(7));
      TensorView all = stored(file, "logits");
      assertThat(logits.offset()).isEqualTo(all.offset() + 2 * 7 * 8);
      assertThat(logits.bytes()).isEqualTo(7 * 8);
    }
  }

  private static TensorView stored(Path file, String name) throws IOException {
    try (Checkpoint checkpoint = SafetensorsReader.read(file, Limits.DEFAULT)) {
      return checkpoint.tensors().stream()
          .filter(tensor -> tensor.name().equals(name))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void aFolderOfNumPyFilesIsRead() throws IOException {
    npy("layer-0/attn_norm", "<f4", "(1, 3, 6)", 72);
    npy("hooks/h.1", ">f2", "(3, 6)", 36);
    npy("lm_head", "<f8", "(7,)", 56);
    npy("ids", "<f4", "(3,)", 12);
    try (Capture capture = open(folder, "hooks/h.# = layer_output")) {
      assertThat(capture.stages().keySet())
          .extracting(StageKey::name)
          .containsExactly("layer-0/attn_norm", "layer-1/post_ffn_residual", "lm_head");
      assertThat(capture.unmapped()).containsExactly("ids");
      assertThat(capture.find(Stage.POST_FFN_RESIDUAL, 1).orElseThrow().order())
          .isEqualTo(ByteOrder.BIG_ENDIAN);
    }
  }

  @Test
  void aFolderMayHoldSeveralSafetensorsFiles() throws IOException {
    Files.write(
        folder.resolve("a.safetensors"),
        new SafetensorsBuilder().tensor("final_norm", "F32", new byte[24], 1, 6).build());
    Files.write(
        folder.resolve("b.safetensors"),
        new SafetensorsBuilder()
            .metadata("prompt", "Hi")
            .tensor("lm_head", "F32", new byte[28], 7)
            .build());
    try (Capture capture = open(folder)) {
      assertThat(capture.stages()).hasSize(2);
      assertThat(capture.prompt()).contains("Hi");
    }
  }

  @Test
  void rowsOfOnePositionNeedNoDimensionForIt() throws IOException {
    Path file =
        safetensors(
            new SafetensorsBuilder()
                .tensor("final_norm", "F32", new byte[24], 6)
                .tensor("layer-0/attn_norm", "F32", new byte[24], 6));
    try (Capture capture = open(file)) {
      assertThat(capture.positions()).isEqualTo(1);
      assertThat(shape(capture, Stage.FINAL_NORM, 0)).isEqualTo(Shape.of(1, 6));
    }
  }

  @Test
  void logitsAloneDoNotSayHowManyPositions() throws IOException {
    Path file = safetensors(new SafetensorsBuilder().tensor("lm_head", "F32", new byte[56], 2, 7));
    try (Capture capture = open(file)) {
      assertThat(capture.positions()).isZero();
      assertThat(shape(capture, Stage.LM_HEAD, 0)).isEqualTo(Shape.of(7));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // Heads before positions are another order of the values.
        "layer-0/q_post_rope; 2,3,4",
        "layer-0/q_post_rope; 3,3,4",
        "layer-0/attn_norm; 2,3,6",
        "layer-0/attn_norm; 6",
        "layer-0/attn_scores; 3,3",
        "layer-0/attn_scores; 2,3,4",
        "lm_head; 2,3,7",
        "lm_head; 2,7",
      })
  void shapesThatAStageCannotHaveAreRefused(String name, String dimensions) throws IOException {
    long[] shape = Arrays.stream(dimensions.split(",")).mapToLong(Long::parseLong).toArray();
    int bytes = (int) (4 * Shape.of(shape).elements());
    Path file =
        safetensors(
            new SafetensorsBuilder()
                .tensor("final_norm", "F32", new byte[72], 3, 6)
                .tensor(name, "F32", new byte[bytes], shape));
    assertThatExceptionOfType(Refusal.class)
        .isThrownBy(() -> open(file))
        .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo(name));
  }

  @Test
  void differentNumbersOfPositionsAreRefusedWithBoth() throws IOException {
    Path file =
        safetensors(
            new SafetensorsBuilder()
                .tensor("layer-0/attn_norm", "F32", new byte[72], 3, 6)
                .tensor("final_norm", "F32", new byte[48], 2, 6));
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> open(file))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(2);
          assertThat(refusal.expected()).isEqualTo(3);
        });
  }

  @Test
  void anotherNumberOfTokensIsRefused() throws IOException {
    Path file =
        safetensors(
            new SafetensorsBuilder()
                .metadata("token_ids", "1 2")
                .tensor("final_norm", "F32", new byte[72], 3, 6));
    assertThatExceptionOfType(Refusal.Inconsistent.class).isThrownBy(() -> open(file));
  }

  @Test
  void twoTensorsOfOneStageAreRefused() throws IOException {
    Path file =
        safetensors(
            new SafetensorsBuilder()
                .tensor("final_norm", "F32", new byte[24], 1, 6)
                .tensor("norm", "F32", new byte[24], 1, 6));
    assertThatExceptionOfType(Refusal.Duplicate.class)
        .isThrownBy(() -> open(file, "norm = final_norm"));
  }

  @Test
  void integersAreNoStage() throws IOException {
    Path file =
        safetensors(new SafetensorsBuilder().tensor("final_norm", "I32", new byte[24], 1, 6));
    assertThatExceptionOfType(Refusal.UnknownType.class).isThrownBy(() -> open(file));
  }

  @Test
  void nothingThatIsAStageIsRefused() throws IOException {
    Path file = safetensors(new SafetensorsBuilder().tensor("w", "F32", new byte[24], 1, 6));
    assertThatExceptionOfType(Refusal.MissingPart.class).isThrownBy(() -> open(file));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatExceptionOfType(Refusal.MissingPart.class).isThrownBy(() -> open(empty));
  }

  @Test
  void aModelHoldsShapesToItsSizes() throws IOException {
    Path right =
        safetensors(
            new SafetensorsBuilder().tensor("layer-0/attn_norm", "F32", new byte[48], 2, 6));
    openWithModel(right).close();
    for (String wrong : List.of("layer-0/ffn_up", "layer-3/attn_norm", "layer-1/ffn_norms")) {
      Path file = safetensors(new SafetensorsBuilder().tensor(wrong, "F32", new byte[48], 2, 6));
      assertThatExceptionOfType(Refusal.class).isThrownBy(() -> openWithModel(file));
    }
  }

  private void aprt(String name, long layer, int elements) throws IOException {
    Path path = folder.resolve(name + ".bin");
    Files.createDirectories(path.getParent());
    try (AprtWriter writer = new AprtWriter(path, layer)) {
      writer.write(0, Arena.ofAuto().allocate(4L * elements));
      writer.commit(elements);
    }
  }

  @Test
  void aprtFilesWithoutAManifestAreReadByTheSizesOfAModel() throws IOException {
    aprt("layer-0/attn_norm", 0, 3 * 6);
    aprt("layer-2/attn_scores", 2, SmallModel.HEADS * 3 * 3);
    aprt("lm_head", AprtHeader.WHOLE_MODEL, SmallModel.VOCABULARY);
    Files.writeString(folder.resolve("_PROVENANCE.txt"), "a script");
    try (Capture capture = openWithModel(folder)) {
      assertThat(capture.positions()).isEqualTo(3);
      assertThat(shape(capture, Stage.ATTN_NORM, 0)).isEqualTo(Shape.of(3, 6));
      assertThat(shape(capture, Stage.ATTN_SCORES, 2)).isEqualTo(Shape.of(2, 3, 3));
      assertThat(shape(capture, Stage.LM_HEAD, 0)).isEqualTo(Shape.of(7));
    }
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> open(folder))
        .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo("manifest.json"));
  }

  @Test
  void aprtFilesThatDoNotFitTheModelAreRefused() throws IOException {
    aprt("layer-0/attn_norm", 0, 3 * 6 + 1);
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> openWithModel(folder))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(19);
          assertThat(refusal.expected()).isEqualTo(18);
        });
    aprt("layer-0/attn_norm", 1, 3 * 6);
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> openWithModel(folder))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(1);
          assertThat(refusal.expected()).isZero();
        });
    aprt("layer-0/attn_norm", 0, 3 * 6);
    aprt("layer-0/attn_softmax", 0, SmallModel.HEADS * 2 * 2);
    assertThatExceptionOfType(Refusal.Inconsistent.class).isThrownBy(() -> openWithModel(folder));
  }
}
