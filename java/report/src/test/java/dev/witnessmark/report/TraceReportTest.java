package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.Provenance;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.RotaryScaling;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.trace.Sequence;
import dev.witnessmark.parity.trace.StageSummary;
import dev.witnessmark.parity.trace.TraceResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The screen and the document of a trace. */
class TraceReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final StageKey STAGE = StageKey.of(Stage.ATTN_NORM, 0);

  private static final Hyperparameters SIZES =
      new Hyperparameters(
          "llama",
          2,
          4,
          2,
          1,
          2,
          5,
          4,
          64,
          Integer.MAX_VALUE,
          1e-5,
          new RotaryPlan(true, 2, 10_000, new RotaryScaling.None()),
          false,
          false,
          true,
          Optional.empty());

  private static Provenance provenance(String matrix) {
    return new Provenance(
        "m.gguf",
        Parities.RUN.inputs(),
        SIZES,
        Optional.of("bcd"),
        List.of(1, 2, 3, 0),
        List.of(3, 1),
        "q8",
        List.of(new Provenance.MatrixArithmetic(matrix, "F16", "f32", "a reason")),
        "f32",
        "eager",
        List.of("cpu vector-512"),
        1,
        Parities.RUN);
  }

  private static TraceResult everything(String matrix) {
    Provenance provenance = provenance(matrix);
    Manifest.StageFile file =
        new Manifest.StageFile(
            TensorType.F32,
            List.of(4, 4),
            new Manifest.HashedFile("layer-0/attn_norm.bin", 2048, "0".repeat(64)));
    return new TraceResult(
        provenance,
        new Sequence(List.of(1, 2, 3, 0), 3),
        new float[] {0.5f, 2, -1, 2},
        Optional.of(new Manifest(provenance, new TreeMap<>(Map.of(STAGE, file)), Optional.empty())),
        // Mean 1.5 and root mean square 2 of twelve finite values.
        List.of(new StageSummary(STAGE, 16, 4, 1, -1.5f, 4, 18, 48, 0xabcL)),
        1,
        1200,
        3);
  }

  private static TraceResult plain() {
    return new TraceResult(
        provenance("x"),
        new Sequence(List.of(1, 2, 3, 0), 4),
        new float[] {0.5f, Float.NEGATIVE_INFINITY, -1, 2},
        Optional.empty(),
        List.of(),
        2,
        0,
        0);
  }

  private static String text(TraceResult result, TokenText tokens, @Nullable Path folder) {
    return Results.printed(out -> TraceText.print(result, tokens, folder, out));
  }

  private static JsonNode json(TraceResult result, TokenText tokens, @Nullable Path folder) {
    return JSON.readTree(Results.printed(out -> TraceJson.write(result, tokens, folder, out)));
  }

  private static List<String> violations(JsonNode document) throws IOException {
    try (InputStream in = TraceJson.class.getResourceAsStream("wmark-trace-v1.schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  @Test
  void theScreenShowsWhatRanAndWhatCameOut() {
    assertThat(text(everything("blk.0.ffn_down.weight"), Parities.LETTERS, Path.of("out")))
        .isEqualTo(
            """
             m.gguf   llama, 2 layers, hidden 4
             emulated, CUDA 13 · path q8 · cache f32 · eager
               blk.0.ffn_down.weight took f32: a reason
               crushed blocks: 3 of 1,200 rows took float activations
               1 of 2 layers stay in memory, the others are read for every call

             3 tokens: [1, 2, 3]
             generated: "a"
             likeliest next:
               1   2.0000  "b"
               3   2.0000  "d"
               0   0.5000  "a"
               2  -1.0000  "c"

             captured 1 stage of 4 positions, 2.00 KiB, in out

             stage              values       mean        rms    smallest    largest  NaN+Inf  hash
             layer-0/attn_norm      16  1.500e+00  2.000e+00  -1.500e+00  4.000e+00        4  0000000000000abc
            """);
  }

  @Test
  void withoutATokenizerThereAreIds() {
    assertThat(text(plain(), TokenText.NONE, null).lines())
        .contains(" 4 tokens: [1, 2, 3, 0]", "   3     2.0000  –", "   1  -Infinity  –")
        .noneMatch(line -> line.contains("generated"))
        .noneMatch(line -> line.contains("captured"));
  }

  @Test
  void namesCannotActOnTheTerminal() {
    assertThat(text(everything("\u001b[31m\u202e"), Parities.LETTERS, Path.of("out")))
        .contains("\\u001b[31m\\u202e took f32")
        .doesNotContain("\u001b", "\u202e");
  }

  @Test
  void documentsAreValid() throws IOException {
    JsonNode document = json(everything("x"), Parities.LETTERS, Path.of("out"));

    assertThat(violations(document)).isEmpty();
    assertThat(violations(json(plain(), TokenText.NONE, null))).isEmpty();
    assertThat(document.at("/generatedText").asString()).isEqualTo("a");
    assertThat(document.at("/likeliest/0/token").asInt()).isEqualTo(1);
    assertThat(document.at("/capture/folder").asString()).isEqualTo("out");
    assertThat(document.at("/summaries/0/mean").asDouble()).isEqualTo(1.5);
    assertThat(document.at("/summaries/0/rms").asDouble()).isEqualTo(2);
    assertThat(document.at("/summaries/0/hash").asString()).isEqualTo("0000000000000abc");
    assertThat(json(plain(), TokenText.NONE, null).at("/generatedText").isNull()).isTrue();
  }

  @Test
  void theSchemaSeesWhatIsWrong() throws IOException {
    ObjectNode unknown = (ObjectNode) json(everything("x"), Parities.LETTERS, Path.of("out"));
    unknown.put("surprise", 1);
    ObjectNode foreign = (ObjectNode) json(everything("x"), Parities.LETTERS, Path.of("out"));
    ((ObjectNode) foreign.at("/summaries/0")).put("stage", "3/Ffn");
    ObjectNode textless = (ObjectNode) json(everything("x"), Parities.LETTERS, Path.of("out"));
    textless.remove("generatedText");

    assertThat(violations(unknown)).isNotEmpty();
    assertThat(violations(foreign)).isNotEmpty();
    assertThat(violations(textless)).isNotEmpty();
  }
}
