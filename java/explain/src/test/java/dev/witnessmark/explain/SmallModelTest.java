package dev.witnessmark.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.candidate.Axis;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.candidate.Need;
import dev.witnessmark.explain.score.Null;
import dev.witnessmark.explain.source.Captures;
import dev.witnessmark.explain.testing.CaptureFolder;
import dev.witnessmark.explain.testing.SmallModel;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Sha256;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import dev.witnessmark.model.Role;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers, fused and missing tensors, and what cannot be explained, on models made for it. */
class SmallModelTest {

  private static final ExplainOptions OPTIONS = options(Optional.empty(), 6);

  @TempDir private Path folder;

  private static ExplainOptions options(
      Optional<ExplainOptions.LayerRange> layers, int broadWidth) {
    return new ExplainOptions(
        3,
        broadWidth,
        layers,
        false,
        new Null.Mode.Exact(),
        true,
        OptionalInt.empty(),
        false,
        true,
        0);
  }

  private static ExplainResult explain(Path base, Path tuned, ExplainOptions options)
      throws IOException {
    try (Operand before = Operand.open(base.toString(), Limits.DEFAULT);
        Operand after = Operand.open(tuned.toString(), Limits.DEFAULT)) {
      return Explanation.of(before, after, Optional.empty(), options, Progress.NONE);
    }
  }

  private ExplainResult explain(SmallModel base, SmallModel tuned) throws IOException {
    return explain(
        base.safetensors(folder.resolve("base")),
        tuned.safetensors(folder.resolve("tuned")),
        OPTIONS);
  }

  private static void assertSameRows(ExplainResult actual, ExplainResult expected) {
    assertThat(actual.rows()).hasSameSizeAs(expected.rows()).isNotEmpty();
    for (int i = 0; i < actual.rows().size(); i++) {
      LayerRow row = actual.rows().get(i);
      LayerRow other = expected.rows().get(i);
      assertThat(row.candidate()).isEqualTo(other.candidate());
      assertThat(row.combined().concentration())
          .as(row.candidate().label())
          .isCloseTo(other.combined().concentration(), within(1e-9));
    }
  }

  /** Rows that a container stores in another order, and those of fused tensors, are put back. */
  @Test
  void containersAndFusedTensorsMakeNoDifference() throws IOException {
    SmallModel base = SmallModel.random(1);
    SmallModel tuned = base.tuned(2);
    ExplainResult plain = explain(base, tuned);
    assertThat(plain.rows()).extracting(LayerRow::candidate).contains(Candidate.QK_CIRCUIT);
    ExplainResult gguf =
        explain(base.gguf(folder.resolve("b.gguf")), tuned.gguf(folder.resolve("t.gguf")), OPTIONS);
    assertSameRows(gguf, plain);
    ExplainResult fused =
        explain(
            base.fused().safetensors(folder.resolve("fused")),
            tuned.safetensors(folder.resolve("tuned")),
            OPTIONS);
    assertSameRows(fused, plain);
  }

  @Test
  void onlyWhatNeedsAMissingTensorIsUnavailable() throws IOException {
    String gone = "model.layers.1.mlp.up_proj.weight";
    SmallModel base = SmallModel.random(1);
    ExplainResult result = explain(base.without(gone), base.tuned(2).without(gone));
    assertThat(result.unavailable())
        .filteredOn(each -> each.reason().equals(Need.UP.label()))
        .extracting(Unavailable::candidate)
        .containsExactly(
            Candidate.MLP_UP_READ,
            Candidate.MLP_ROUNDTRIP_WRITE,
            Candidate.GATE_KERNEL,
            Candidate.UP_PROJ_OUTPUT_WRITTEN_CONTRAST,
            Candidate.GATE_ACTIVE_WRITTEN);
    assertThat(result.unavailable())
        .filteredOn(each -> each.candidate() == Candidate.MLP_UP_READ)
        .singleElement()
        .satisfies(each -> assertThat(each.layers()).containsExactly(1));
    // Layer 0 has one; what later layers read is not known there.
    assertThat(result.unavailable())
        .filteredOn(each -> each.candidate() == Candidate.WRITE_NOT_DOWNSTREAM_READ)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.layers()).containsExactly(0);
          assertThat(each.reason()).isEqualTo(Need.LATER_READERS.label());
        });
    assertThat(result.summary())
        .extracting(SummaryRow::candidate)
        .contains(Candidate.WRITE, Candidate.ATTN_QKV_READ)
        .doesNotContain(Candidate.MLP_UP_READ);
    assertThat(result.rankings().by()).isEqualTo("weights");
  }

  @Test
  void withoutActivationsOnlyWeightsAreScored() throws IOException {
    SmallModel base = SmallModel.random(1);
    ExplainResult result = explain(base, base.tuned(2));
    assertThat(result.unavailable()).hasSize(25).allMatch(each -> each.layers().size() == 2);
    assertThat(result.rows()).hasSize(2 * (50 - 25));
    assertThat(result.rows()).allMatch(row -> Double.isNaN(row.activation().energy()));
    assertThat(result.rankings().writeAndMixed())
        .hasSize(13)
        .noneMatch(candidate -> candidate.axis() == Axis.READ || candidate.isCeiling())
        .contains(Candidate.QK_CIRCUIT_HEADWISE)
        .doesNotContain(Candidate.QK_CIRCUIT);
    assertThat(result.rankings().read()).hasSize(9);
    assertThat(result.notes()).contains("attention_sink: token 1, the model's bos_token_id");
  }

  @Test
  void layersAskedForAreAveraged() throws IOException {
    SmallModel base = SmallModel.random(1);
    Path before = base.safetensors(folder.resolve("base"));
    Path after = base.tuned(2).safetensors(folder.resolve("tuned"));
    ExplainResult result =
        explain(before, after, options(Optional.of(new ExplainOptions.LayerRange(1, 1)), 6));
    assertThat(result.averaged()).containsExactly(1);
    assertThat(result.rows()).allMatch(row -> row.layer() == 1);
    // Deltas are described wherever they are.
    assertThat(result.deltas()).hasSize(4);
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() ->
            explain(before, after, options(Optional.of(new ExplainOptions.LayerRange(1, 2)), 6)));
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> explain(before, after, options(Optional.empty(), SmallModel.WIDTH)));
  }

  @Test
  void equalModelsHaveNothingToExplain() throws IOException {
    SmallModel base = SmallModel.random(1);
    assertThatExceptionOfType(CouldNotCompare.class).isThrownBy(() -> explain(base, base));
    String embedding = "model.embed_tokens.weight";
    SmallModel outside =
        base.with(
            embedding,
            values -> {
              values[0] += 1;
              return values;
            });
    assertThatExceptionOfType(CouldNotCompare.class).isThrownBy(() -> explain(base, outside));
  }

  @Test
  void valuesThatAreNotFiniteAreRefused() throws IOException {
    SmallModel base = SmallModel.random(1);
    for (float odd : List.of(Float.NaN, Float.POSITIVE_INFINITY)) {
      for (String name :
          List.of(
              "model.layers.0.mlp.down_proj.weight", "model.layers.1.self_attn.k_proj.weight")) {
        SmallModel broken =
            base.with(
                name,
                values -> {
                  values[3] = odd;
                  return values;
                });
        assertThatExceptionOfType(Refusal.Unsupported.class)
            .isThrownBy(() -> explain(broken, broken.tuned(2)))
            .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo(name));
      }
    }
  }

  @Test
  void aModelWithoutEmbeddingHasNoWidth() {
    SmallModel base = SmallModel.random(1).without("model.embed_tokens.weight");
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> explain(base, base.tuned(2)));
  }

  private ExplainResult withCaptures(CaptureFolder captures) throws IOException {
    Path written = captures.write(folder.resolve("captures"));
    SmallModel base = SmallModel.random(1);
    Path before = base.safetensors(folder.resolve("base"));
    Path after = base.tuned(2).safetensors(folder.resolve("tuned"));
    try (Operand left = Operand.open(before.toString(), Limits.DEFAULT);
        Operand right = Operand.open(after.toString(), Limits.DEFAULT);
        Captures opened = Captures.open(written, Limits.DEFAULT)) {
      return Explanation.of(left, right, Optional.of(opened), OPTIONS, Progress.NONE);
    }
  }

  @Test
  void activationsAreOfTheseWeights() throws IOException {
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> withCaptures(new CaptureFolder(3, SmallModel.WIDTH)));
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> withCaptures(new CaptureFolder(SmallModel.LAYERS, 8)));
    String another = "\"" + "0".repeat(64) + "\"";
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() ->
            withCaptures(
                new CaptureFolder(SmallModel.LAYERS, SmallModel.WIDTH)
                    .replacing("\"sha256\": null", "\"sha256\": " + another)));
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() ->
            withCaptures(
                new CaptureFolder(SmallModel.LAYERS, SmallModel.WIDTH)
                    .replacing(
                        "\"delta\": null",
                        "\"delta\": {\"name\": \"d\", \"sha256\": " + another + "}")));
    String same;
    try (ByteSource file = FileByteSource.open(folder.resolve("base/model.safetensors"))) {
      same = "\"" + Sha256.of(file) + "\"";
    }
    ExplainResult result =
        withCaptures(
            new CaptureFolder(SmallModel.LAYERS, SmallModel.WIDTH)
                .replacing("\"sha256\": null", "\"sha256\": " + same)
                .tensor("lora_diff_eval", new float[2 * 16], 2, 1, 16));
    // A label of zeros: nothing lies anywhere, and nothing deviates.
    assertThat(result.rows())
        .allMatch(row -> row.activation().concentration() == 0)
        .allMatch(row -> row.activation().z() == 0);
  }

  /** An update of a fused matrix is one of its parts, each with its rows of the left factor. */
  @Test
  void anAdapterOfAFusedMatrix() throws IOException {
    Path base = SmallModel.random(1).fused().safetensors(folder.resolve("base"));
    String name = "base_model.model.model.layers.1.self_attn.qkv_proj.lora_";
    // Of 32 rows, 16 are of queries, 8 of keys and 8 of values; row i is i + 1 times the right one.
    float[] left = new float[32];
    for (int i = 0; i < left.length; i++) {
      left[i] = i + 1;
    }
    float[] right = new float[SmallModel.WIDTH];
    right[2] = 1;
    Path adapter = Files.createDirectories(folder.resolve("adapter"));
    Files.write(
        adapter.resolve("adapter_model.safetensors"),
        new SafetensorsBuilder()
            .tensor(name + "A.weight", "F32", bytes(right), 1, SmallModel.WIDTH)
            .tensor(name + "B.weight", "F32", bytes(left), 32, 1)
            .build());
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        """
        {"peft_type": "LORA", "r": 1, "lora_alpha": 3, "target_modules": ["qkv_proj"],
         "fan_in_fan_out": false, "bias": "none"}
        """);
    try (Operand before = Operand.open(base.toString(), Limits.DEFAULT);
        Operand after = Operand.open(base + "+" + adapter, Limits.DEFAULT)) {
      ExplainResult result =
          Explanation.of(before, after, Optional.empty(), OPTIONS, Progress.NONE);
      assertThat(result.averaged()).containsExactly(1);
      assertThat(result.deltas())
          .extracting(row -> row.place().role())
          .containsExactly(Role.ATTENTION_Q, Role.ATTENTION_K, Role.ATTENTION_V);
      int first = 1;
      for (DeltaRow row : result.deltas()) {
        double squares = 0;
        for (int i = first; i < first + row.rows(); i++) {
          squares += 9.0 * i * i;
        }
        first += row.rows();
        assertThat(row.norm()).isCloseTo(Math.sqrt(squares), within(1e-9));
        assertThat(row.distinct()).isEqualTo(1);
      }
      assertThat(first).isEqualTo(33);
    }
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }
}
