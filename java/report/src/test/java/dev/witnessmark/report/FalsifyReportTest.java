package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.falsify.Control;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.ExperimentResult;
import dev.witnessmark.falsify.FalsifyResult;
import dev.witnessmark.falsify.Figure;
import dev.witnessmark.falsify.Finding;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.JudgedClaim;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Reference;
import dev.witnessmark.falsify.TrialResult;
import dev.witnessmark.falsify.model.LayerDifference;
import dev.witnessmark.falsify.model.MatrixNoise;
import dev.witnessmark.falsify.model.ModelResult;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The screen and the document of experiments: that they say the same, and no more. */
class FalsifyReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Experiment<Integer> EXPERIMENT =
      new Experiment<>(
          "042",
          "a title",
          "A question?",
          "a set-up",
          () -> 1,
          List.of(),
          List.of(),
          List.of(),
          List.of("That it matters."));

  private static final Hypothesis HYPOTHESIS =
      new Hypothesis("it amplifies", "growth", Hypothesis.Bound.AT_LEAST, 1.5, "a band");

  private static final Figure RIGHT =
      new Figure("a figure", "1.50", List.of(1.5), Reference.published("1.50"));

  private static final TrialResult EQUAL =
      new TrialResult("weights by dequantise", 256, "8ad26aed", "8ad26aed", 0, -1, null);

  private static FalsifyResult result(
      List<Figure> figures, List<JudgedClaim> claims, List<TrialResult> trials) {
    return new FalsifyResult(
        List.of(new ExperimentResult(EXPERIMENT, figures, claims, trials)),
        "cpu scalar",
        "cpu vector-512",
        1,
        new RunRecord(
            "0", List.of(), "cpu", "cpu vector-512", "--device cpu", 1, 0, "25", List.of()));
  }

  private static JudgedClaim claim(double measured, Control control, Outcome expected) {
    return new JudgedClaim(
        Finding.of(HYPOTHESIS, measured, control), Outcome.REJECTED, expected, "A meaning.");
  }

  private static FalsifyResult everything() {
    return result(
        List.of(
            RIGHT,
            new Figure("a checksum", "8ad26aed", List.of(), Reference.recomputed("8ad26aed")),
            new Figure(
                "a curve",
                "0 … 8",
                IntStream.rangeClosed(0, 8).mapToObj(i -> (double) i).toList(),
                null),
            new Figure("no number", "NaN", List.of(Double.NaN), null)),
        List.of(
            claim(6, new Control("cause taken away", 1), Outcome.CONFIRMED),
            claim(1, new Control("cause put in", 6), Outcome.REJECTED),
            new JudgedClaim(
                Finding.of(HYPOTHESIS, 6, null), null, Outcome.NOT_SHOWN, "Nothing follows.")),
        List.of(EQUAL));
  }

  private static FalsifyResult wrong() {
    return result(
        List.of(new Figure("a figure", "1.51", List.of(1.51), Reference.published("1.50"))),
        List.of(claim(6, new Control("cause taken away", 6), Outcome.CONFIRMED)),
        List.of(
            new TrialResult("weights by dequantise", 256, "8ad26aed", "8ad26aee", 3, 17, null)));
  }

  private static String text(FalsifyResult result, boolean full) {
    return Results.printed(out -> FalsifyText.print(result, full, out));
  }

  private static JsonNode document(FalsifyResult result) {
    return JSON.readTree(Results.printed(out -> FalsifyJson.write(result, out)));
  }

  private static List<String> violations(JsonNode document) throws IOException {
    String resource = document.get("schema").asString() + ".schema.json";
    try (InputStream in = FalsifyJson.class.getResourceAsStream(resource)) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  @Test
  void theShortFormHasTheAnswerAndALineForEachClaim() {
    assertThat(text(everything(), false).lines())
        .contains(
            " 2 figures agree to every digit of their reference.",
            " 1 kernel results have the oracle's bits on cpu vector-512.",
            " 3 claims and their controls came out as they must.",
            " 042  a title",
            "      confirmed  it amplifies (published as rejected)",
            "      rejected   it amplifies",
            "      not shown  it amplifies",
            " Of 3 claims 1 confirmed, 1 rejected, 1 not shown.",
            "reproduced (exit 0)");
  }

  @Test
  void theFullFormHasEveryFigureControlAndCaveat() {
    assertThat(text(everything(), true).lines())
        .contains(
            "      A question?",
            "      Set-up: a set-up.",
            "    = a figure: 1.50 (published)",
            "    = a checksum: 8ad26aed (recomputed)",
            "      a curve: ▁▁▂▃▄▅▆▇█  0 … 8 (added here)",
            "    =  weights by dequantise      8ad26aed    8ad26aed",
            "                 growth: 6.000; predicted ≥ 1.500 (a band)",
            "                 control: cause taken away: 1.000",
            "                 control: none, so nothing is confirmed or rejected",
            "               → A meaning.",
            "      · That it matters.");
  }

  @Test
  void whatDiffersIsSaidFirstAndEndsInOne() {
    assertThat(text(wrong(), true).lines())
        .contains(
            " Not as it must be:",
            "  ≠ 042, a figure: 1.51, published 1.50",
            "  ≠ 042, it amplifies: not shown, should be confirmed",
            "  ≠ 042, weights by dequantise: 3 of 256 values differ from the oracle's, CRC-32 8ad26aee",
            "    ≠ a figure: 1.51 (published 1.50)",
            "    ≠  weights by dequantise      8ad26aed    8ad26aee 3 of 256 differ, first 17",
            "      not shown  it amplifies (published as rejected) ≠ should be confirmed",
            "differs (exit 1)");
    assertThat(text(wrong(), false)).contains(" 042  a title   ≠").endsWith("differs (exit 1)\n");
  }

  /** The word may only stand where a control came out the other way. */
  @Test
  void nothingIsCalledConfirmedWithoutAControl() {
    FalsifyResult uncontrolled =
        result(
            List.of(RIGHT),
            List.of(
                new JudgedClaim(
                    Finding.of(HYPOTHESIS, 1e6, null), null, Outcome.NOT_SHOWN, "No control."),
                new JudgedClaim(
                    Finding.of(HYPOTHESIS, 1e6, new Control("cause taken away", 1e6)),
                    null,
                    Outcome.NOT_SHOWN,
                    "It came out the same.")),
            List.of(EQUAL));

    assertThat(text(uncontrolled, true).lines())
        .filteredOn(line -> line.startsWith("      confirmed"))
        .isEmpty();
    assertThat(document(uncontrolled).at("/experiments/0/claims").valueStream())
        .extracting(claim -> claim.get("outcome").asString())
        .containsOnly("not shown");
  }

  @Test
  void documentsAreValid() throws IOException {
    assertThat(violations(document(everything()))).isEmpty();
    assertThat(violations(document(wrong()))).isEmpty();
    assertThat(document(everything()).at("/experiments/0/figures/3/values/0").asString())
        .isEqualTo("NaN");
    assertThat(document(wrong()).at("/experiments/0/kernels/0/firstDiffering").asInt())
        .isEqualTo(17);
    assertThat(document(wrong()).at("/exitCode").asInt()).isEqualTo(1);
  }

  @Test
  void theSchemaSeesWhatIsWrong() throws IOException {
    ObjectNode disagreeing = (ObjectNode) document(everything());
    disagreeing.put("exitCode", 1);
    ObjectNode unknown = (ObjectNode) document(everything());
    unknown.put("surprise", 1);
    ObjectNode uncontrolled = (ObjectNode) document(everything());
    ((ObjectNode) uncontrolled.at("/experiments/0/claims/0")).putNull("control");

    assertThat(violations(disagreeing)).isNotEmpty();
    assertThat(violations(unknown)).isNotEmpty();
    assertThat(violations(uncontrolled)).isNotEmpty();
  }

  @Test
  void whatCanBeRunIsListed() {
    assertThat(Results.printed(out -> FalsifyText.list(List.of(EXPERIMENT), out)))
        .isEqualTo("042  a title  A question?\n");
  }

  private static ModelResult model(double z) {
    return new ModelResult(
        "m.gguf",
        "llama",
        List.of(1, 2),
        List.of(
            new MatrixNoise(
                "blk.0.attn_q.weight",
                TensorType.Q4_K,
                400,
                0.0045,
                3e-3,
                3e-3,
                z,
                3.4,
                1,
                38,
                2,
                1),
            new MatrixNoise(
                "blk.0.attn_k.weight", TensorType.Q8_0, 400, 0.1, 2, 4, 0.5, 2.5, 0, 2, 2, 0)),
        1,
        List.of(
            new LayerDifference(0, 0.03, 0.03, 0.03, 0.03),
            new LayerDifference(1, 0.04, 0.05, 0.031, 0.08)),
        "cpu vector-512",
        1,
        new RunRecord("0", List.of(), "cpu", "k", "r", 1, 0, "25", List.of()));
  }

  @Test
  void aModelHasTheAnswerThenMatricesThenTheCurve() {
    String text = Results.printed(out -> FalsifyModelText.print(model(1), true, out));

    assertThat(text.lines())
        .contains(
            "m.gguf   llama, 2 layers, 2 tokens; paths f32 and q8 on cpu vector-512",
            " path q8 differs from f32 by no more than rounding of activations explains, in all of 2 "
                + "matrices.",
            " a broken kernel would have stood out in 1 of them.",
            "      confirmed  differences of layers add up and do not compound",
            " 1 matrix of types without an integer product take path f32 on both sides.",
            " Whole after the last layer is 1.00 of √Σ own², which independent draws would give.",
            "explained (exit 0)")
        .anyMatch(line -> line.matches(" blk.0.attn_q.weight +Q4_K +0.45 % .* 1.00 .* 38.00 +1/2"))
        .anyMatch(line -> line.matches(" blk.0.attn_k.weight +Q8_0 +10.00 % .* 2.00 ! +0/2"))
        .anyMatch(line -> line.matches(" +1 +4.00 % +5.00 % +3.10 %  █"));
    assertThat(Results.printed(out -> FalsifyModelText.print(model(4), false, out)))
        .contains("blk.0.attn_q.weight: z 4.0, more than rounding of activations explains")
        .endsWith("differs (exit 1)\n");
  }

  @Test
  void documentsOfModelsAreValid() throws IOException {
    for (double z : new double[] {1, 4, Double.POSITIVE_INFINITY}) {
      JsonNode document =
          JSON.readTree(Results.printed(out -> FalsifyModelJson.write(model(z), out)));
      assertThat(violations(document)).isEmpty();
      assertThat(document.at("/exitCode").asInt()).isEqualTo(z == 1 ? 0 : 1);
      assertThat(document.at("/layers/1/whole").asDouble()).isEqualTo(0.05);
    }
  }
}
