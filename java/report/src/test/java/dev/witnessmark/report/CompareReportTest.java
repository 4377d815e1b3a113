package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.compare.CompareResult;
import dev.witnessmark.parity.compare.Divergence;
import dev.witnessmark.parity.compare.GraftOutcome;
import dev.witnessmark.parity.compare.OwnError;
import dev.witnessmark.parity.compare.StageComparison;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The screen and the document of two captures. */
class CompareReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static StageComparison stage(Stage stage, int layer, double... b) {
    double[] a = {1, 0, 3, 4};
    StageMetrics metrics = StageMetrics.of(a, b, 2);
    boolean same = metrics.same();
    Optional<OwnError> own =
        same
            ? Optional.empty()
            : Optional.of(
                new OwnError(
                    metrics,
                    new BudgetUse(Double.POSITIVE_INFINITY, 0, 0, "against the contract")));
    return new StageComparison(
        StageKey.of(stage, layer),
        same,
        metrics,
        Optional.of(new StageComparison.Truth(StageMetrics.of(a, a, 2), metrics)),
        Optional.empty(),
        own,
        same ? null : Double.valueOf(0.25),
        same ? null : Double.valueOf(0.5),
        same ? List.of() : List.of("it cancels"));
  }

  private static CompareResult result() {
    return new CompareResult(
        new CompareResult.Described("a/", "path q8"),
        new CompareResult.Described("b/", "another tool"),
        Optional.of(new CompareResult.Described("t/", "path exact")),
        2,
        List.of("layer-0/attn_out is only in A"),
        List.of("B does not say its tokens"),
        Optional.of(LogitsMetrics.of(new float[] {1, 2}, new float[] {2, 1}, 0.5)),
        List.of(
            stage(Stage.EMBEDDING, 0, 1, 0, 3, 4),
            stage(Stage.ATTN_NORM, 0, 1, 0, 3, 4),
            stage(Stage.FFN_OUT, 0, 1, 0, 3, 2),
            stage(Stage.FFN_OUT, 1, 1, Double.NaN, 3, 4)),
        Optional.of(new Divergence(StageKey.of(Stage.FFN_OUT, 0), "B", "by itself")),
        List.of(new GraftOutcome(StageKey.of(Stage.FFN_OUT, 0), "A", true, 0, 0.5)),
        new Verdict("differs", ExitCode.DIFFERS, List.of("why")),
        new RunRecord("0", List.of(), "cpu", "vector", "test", 1, 0, "25", List.of()));
  }

  private static String text(boolean all) {
    return Results.printed(out -> CompareText.print(result(), all, out));
  }

  private static JsonNode document() {
    return JSON.readTree(Results.printed(out -> CompareJson.write(result(), out)));
  }

  private static List<String> violations(JsonNode document) throws IOException {
    try (InputStream in = CompareJson.class.getResourceAsStream("wmark-compare-v1.schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  @Test
  void whatWasSkippedComesFirst() {
    assertThat(text(false).lines().findFirst().orElseThrow())
        .contains("NOT COMPARED")
        .contains("layer-0/attn_out");
  }

  @Test
  void equalStagesAreOneLineUnlessAsked() {
    assertThat(text(false)).contains("layer-0/embedding … layer-0/attn_norm: 2 bit-equal");
    assertThat(text(true).lines().filter(line -> line.contains("bit-equal"))).hasSize(2);
  }

  /** The last of four values, which are two positions of two, is 2 less. */
  @Test
  void numbersAreThoseOfTheStage() {
    JsonNode stage = document().get("stages").get(2);
    assertThat(stage.get("largest").asDouble()).isEqualTo(2);
    assertThat(stage.get("largestPosition").asInt()).isEqualTo(1);
    assertThat(stage.get("rms").asDouble()).isEqualTo(1);
    assertThat(stage.get("off").asString()).isEqualTo("B");
    assertThat(document().get("smallestTolerance").asString()).isEqualTo("Infinity");
    assertThat(document().get("exitCode").asInt()).isEqualTo(1);
  }

  @Test
  void theDocumentKeepsToItsSchema() throws IOException {
    assertThat(violations(document())).isEmpty();
  }

  @Test
  void theSchemaRefusesWhatIsWrong() throws IOException {
    ObjectNode wrong = (ObjectNode) document();
    wrong.put("verdict", "fine");
    wrong.remove("stages");
    assertThat(violations(wrong)).hasSize(2);
  }
}
