package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.Provenance;
import dev.witnessmark.compare.inspect.TensorInspector;
import dev.witnessmark.compare.inspect.TensorSummary;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.ReopenedFile;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.RotaryScaling;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.stage.StageFileDifference;
import dev.witnessmark.parity.stage.ValuePair;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class StageReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final RunRecord RUN =
      new RunRecord(
          "0.1",
          List.of("diff"),
          "cpu",
          "scalar",
          "because",
          1,
          0,
          "25",
          List.of(new InputFingerprint("a", 36, "0".repeat(64), "whole file")));
  private static final TensorInspector.Findings NONE = new TensorInspector.Findings(null, null);
  private static final TensorInspector.Findings ALL =
      new TensorInspector.Findings(
          new TensorSummary(-1, 2.5, 0.25, 1.5, 3, 1, 0), "0123456789abcdef".repeat(4));

  private static List<String> violations(String id, JsonNode document) throws IOException {
    try (InputStream in = StageDiffJson.class.getResourceAsStream(id + ".schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  private static StageFileDifference difference(
      long layer, float furthest, float rms, @Nullable Double cosine, ValuePair... pairs) {
    return new StageFileDifference(
        "a/attn_norm.bin",
        "b/attn_norm.bin",
        layer,
        6,
        2,
        3,
        1,
        0,
        0,
        furthest,
        4,
        rms,
        cosine,
        List.of(pairs),
        new Verdict("differs", ExitCode.DIFFERS, List.of("3 of 6 values differ")),
        RUN);
  }

  private static StageFileDifference example() {
    return difference(
        0,
        0.5f,
        0.25f,
        0.993570988150713,
        new ValuePair(4, 3.5f, 3.0f, 0.5f),
        new ValuePair(1, 0.1f, -1.0f, 0.25f));
  }

  private static StageFileDifference broken() {
    return difference(
        AprtHeader.WHOLE_MODEL,
        Float.POSITIVE_INFINITY,
        Float.NaN,
        null,
        new ValuePair(4, Float.NaN, 3.0f, Float.NaN),
        new ValuePair(5, Float.POSITIVE_INFINITY, 0, Float.POSITIVE_INFINITY),
        new ValuePair(0, 1, 1, 0));
  }

  private static JsonNode document(StageFileDifference result) {
    return JSON.readTree(Results.printed(out -> StageDiffJson.write(result, out)));
  }

  @Test
  void theFieldsAreThoseThatOtherToolsWrite() throws IOException {
    JsonNode document = document(example());
    assertThat(violations("apr-stage-diff-v1", document)).isEmpty();
    assertThat(document.get("schema").asString()).isEqualTo("apr-stage-diff-v1");
    assertThat(document.get("path_a").asString()).isEqualTo("a/attn_norm.bin");
    assertThat(document.get("path_b").asString()).isEqualTo("b/attn_norm.bin");
    assertThat(document.get("layer").asInt()).isZero();
    assertThat(document.get("dim_product").asLong()).isEqualTo(6);
    assertThat(document.get("max_abs_diff").asDouble()).isEqualTo(0.5);
    assertThat(document.get("max_abs_diff_index").asLong()).isEqualTo(4);
    assertThat(document.get("rms_diff").asDouble()).isEqualTo(0.25);
    assertThat(document.get("cosine_sim").asDouble()).isEqualTo(0.993570988150713);
    JsonNode second = document.get("top_diffs").get(1);
    assertThat(second.get("index").asLong()).isEqualTo(1);
    // A float32, widened.
    assertThat(second.get("a").asDouble()).isEqualTo(0.10000000149011612);
    assertThat(second.get("b").asDouble()).isEqualTo(-1);
    assertThat(second.get("abs_diff").asDouble()).isEqualTo(0.25);
    assertThat(document.get("exitCode").asInt()).isEqualTo(1);
    assertThat(document.get("runRecord").get("inputs").get(0).get("bytes").asInt()).isEqualTo(36);
  }

  @Test
  void whatIsNotFiniteIsNull() throws IOException {
    JsonNode document = document(broken());
    assertThat(violations("apr-stage-diff-v1", document)).isEmpty();
    assertThat(document.get("layer").asString()).isEqualTo("whole-model");
    assertThat(document.get("max_abs_diff").isNull()).isTrue();
    assertThat(document.get("rms_diff").isNull()).isTrue();
    assertThat(document.get("cosine_sim").isNull()).isTrue();
    JsonNode pairs = document.get("top_diffs");
    assertThat(pairs.get(0).get("a").isNull()).isTrue();
    assertThat(pairs.get(0).get("b").asDouble()).isEqualTo(3);
    assertThat(pairs.get(0).get("abs_diff").isNull()).isTrue();
    assertThat(pairs.get(1).get("a").isNull()).isTrue();
    assertThat(pairs.get(2).get("abs_diff").asDouble()).isZero();
  }

  @Test
  void theSchemaSeesWhatIsWrong() throws IOException {
    ObjectNode disagreeing = (ObjectNode) document(example());
    disagreeing.put("exitCode", 0);
    ObjectNode unknown = (ObjectNode) document(example());
    unknown.put("surprise", 0);
    ObjectNode incomplete = (ObjectNode) document(example());
    incomplete.remove("cosine_sim");
    for (JsonNode wrong : List.of(disagreeing, unknown, incomplete)) {
      assertThat(violations("apr-stage-diff-v1", wrong)).isNotEmpty();
    }
  }

  @Test
  void theTextHasTheNumbers() {
    String text = Results.printed(out -> StageDiffText.print(example(), out));
    assertThat(text)
        .contains("a/attn_norm.bin → b/attn_norm.bin", "layer 0, 6 values")
        .contains("3 of 6 values differ")
        .containsPattern("max \\|Δ\\| +0\\.5 at \\[4]")
        .containsPattern("RMS Δ +0\\.25")
        .containsPattern("cosine +0\\.99357")
        .containsPattern("\\[1] +0\\.1 +-1\\.0 +0\\.25")
        .contains("…1 more value (--top)")
        .contains("differs (exit 1)");
  }

  @Test
  void theTextOnlyListsWhatDiffers() {
    String text = Results.printed(out -> StageDiffText.print(broken(), out));
    assertThat(text)
        .contains("whole model")
        .containsPattern("max \\|Δ\\| +∞")
        .containsPattern("RMS Δ +–")
        .containsPattern("cosine +–")
        .containsPattern("\\[4] +NaN +3\\.0 +NaN")
        .doesNotContain("[0]");
  }

  private static StageInfo.OfCapture capture(TensorInspector.Findings findings) {
    Hyperparameters model =
        new Hyperparameters(
            "llama",
            1,
            2,
            1,
            1,
            2,
            3,
            4,
            8,
            8,
            1e-5,
            new RotaryPlan(false, 2, 1e4, new RotaryScaling.None()),
            false,
            false,
            true,
            Optional.empty());
    Provenance provenance =
        new Provenance(
            "m.gguf",
            List.of(),
            model,
            Optional.of("Hi\u001b[2J"),
            List.of(1, 2),
            List.of(2),
            "q8",
            List.of(),
            "f16",
            "eager",
            List.of(),
            3,
            RUN);
    SortedMap<StageKey, Manifest.StageFile> files = new TreeMap<>();
    List<StageInfo.InspectedStage> stages =
        List.of(new StageKey(Stage.ATTN_NORM, 0), StageKey.of(Stage.LM_HEAD, 0)).stream()
            .map(key -> {
              List<Integer> shape = key.stage().shape(model, 2);
              files.put(
                  key,
                  new Manifest.StageFile(
                      TensorType.F32,
                      shape,
                      new Manifest.HashedFile(Manifest.fileName(key), 28, "0".repeat(64))));
              return new StageInfo.InspectedStage(
                  key,
                  TensorView.stored(
                      key.name(),
                      TensorType.F32,
                      Shape.of(shape.stream().mapToLong(Integer::longValue).toArray()),
                      new ReopenedFile(Path.of(Manifest.fileName(key)), 28),
                      12,
                      16),
                  findings);
            })
            .toList();
    return new StageInfo.OfCapture(new Manifest(provenance, files, Optional.empty()), stages);
  }

  @Test
  void infoOfStagesIsValid() throws IOException {
    for (TensorInspector.Findings findings : List.of(NONE, ALL)) {
      for (StageInfo info :
          List.of(
              new StageInfo.OfFile(new AprtHeader(3, 4), findings),
              new StageInfo.OfFile(new AprtHeader(AprtHeader.WHOLE_MODEL, 0), findings),
              capture(findings))) {
        String line = Results.printed(out -> StageInfoJson.write("x", info, out));
        assertThat(line.lines()).hasSize(1);
        assertThat(violations("wmark-info-v1", JSON.readTree(line))).isEmpty();
      }
    }
  }

  @Test
  void theSchemaOfInfoTellsTheFormatsApart() throws IOException {
    ObjectNode file =
        (ObjectNode)
            JSON.readTree(
                Results.printed(out ->
                    StageInfoJson.write(
                        "x", new StageInfo.OfFile(new AprtHeader(3, 4), NONE), out)));
    ObjectNode checkpoint = file.deepCopy();
    checkpoint.put("format", "GGUF");
    ObjectNode withoutLayer = file.deepCopy();
    withoutLayer.remove("layer");
    ObjectNode capture = file.deepCopy();
    capture.put("format", "capture");
    for (JsonNode wrong : List.of(checkpoint, withoutLayer, capture)) {
      assertThat(violations("wmark-info-v1", wrong)).isNotEmpty();
    }
  }

  @Test
  void infoOfAStageFileSaysItsLayer() {
    StageInfo info = new StageInfo.OfFile(new AprtHeader(3, 4), ALL);
    String text = Results.printed(out -> StageInfoText.print("x.bin", info, false, out));
    assertThat(text).contains("x.bin", "layer 3", "4 values", "28 B", "2.500", "0123456789abcdef");
  }

  @Test
  void infoOfACaptureSaysWhatWasRun() {
    String text =
        Results.printed(out -> StageInfoText.print("captured", capture(NONE), false, out));
    assertThat(text)
        .contains("captured", "m.gguf", "2 stages", "2 positions", "56 B", "q8", "f16", "cpu")
        .containsPattern("attn_norm +0 +F32 +\\[2, 2] +16")
        .containsPattern("lm_head +– +F32 +\\[4] +16")
        .doesNotContain("\u001b");
  }
}
