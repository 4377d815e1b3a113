package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.CellStatistics;
import dev.witnessmark.bench.guard.Change;
import dev.witnessmark.bench.guard.GuardOptions;
import dev.witnessmark.bench.guard.GuardResult;
import dev.witnessmark.bench.guard.GuardRun;
import dev.witnessmark.bench.guard.Interval;
import dev.witnessmark.bench.guard.Outcome;
import dev.witnessmark.bench.guard.Reason;
import dev.witnessmark.bench.guard.SideSummary;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Text, JSON, JUnit XML and SARIF of the same answers. */
class GuardReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final DeviceIdentity H200 = new DeviceIdentity("cuda", "NVIDIA H200", null);
  private static final BenchDevice DEVICE =
      new BenchDevice("cuda:0", H200, "570.86", 0.5, 4e12, null, 4.8e12, null);

  private static CellKey key(String kernel, long batch) {
    return new CellKey(
        kernel, "q4_k", List.of(4096L, 14336L), batch, H200, null, "q8", "canonical", "cold");
  }

  private static SideSummary side(double median, double shareOfCopy) {
    return new SideSummary(median, 0.006, 1, 30, 0, 1980.0, "sm_90", shareOfCopy, null);
  }

  private static CellStatistics statistics(double before, double after) {
    double ratio = after / before;
    return new CellStatistics(
        side(before, 0.79),
        side(after, 0.76),
        new Change(ratio, new Interval(ratio - 0.005, ratio + 0.005)),
        null,
        ratio,
        ratio,
        0.006,
        0.006,
        1e-9,
        3e-9,
        null);
  }

  private static final CellResult SLOWER =
      new CellResult(key("matvec", 1), Outcome.SLOWER, null, "", statistics(1210, 1252));
  private static final CellResult SAME =
      new CellResult(key("matvec", 8), Outcome.SAME, null, "", statistics(1210, 1210));
  private static final CellResult FASTER =
      new CellResult(key("softmax", 8), Outcome.FASTER, null, "", statistics(1210, 1100));
  private static final CellResult UNCLEAR =
      new CellResult(
          key("decode attention", 1),
          Outcome.UNCLEAR,
          Reason.THROTTLED,
          "6 of 30 samples throttled; run again",
          statistics(9e6, 9.1e6));
  private static final CellResult MISSING =
      new CellResult(
          key("silu", 1),
          Outcome.NOT_COMPARED,
          Reason.ONLY_IN_OLD,
          "the new side did not measure it",
          null);

  private static GuardResult result(Verdict verdict, CellResult... cells) {
    return new GuardResult(
        new GuardResult.Side("before.json", List.of(DEVICE)),
        new GuardResult.Side("after 1.json", List.of(DEVICE)),
        null,
        List.of(cells),
        GuardOptions.DEFAULT,
        verdict,
        new GuardRun(
            "0.1.0",
            List.of("guard", "before.json", "after 1.json"),
            "25",
            List.of(new GuardRun.Input("before.json", 7, "0".repeat(64)))));
  }

  private static GuardResult everything() {
    return result(
        new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, List.of("1 not compared")),
        SLOWER,
        SAME,
        FASTER,
        UNCLEAR,
        MISSING);
  }

  private static GuardResult slower() {
    return result(
        new Verdict("slower", ExitCode.DIFFERS, List.of("1 slower", "1 same", "1 unclear")),
        SLOWER,
        SAME,
        UNCLEAR);
  }

  private static String text(GuardResult result, boolean all) {
    return Results.printed(out -> GuardText.print(result, all, out));
  }

  private static JsonNode json(GuardResult result) {
    return JSON.readTree(Results.printed(out -> GuardJson.write(result, out)));
  }

  private static JsonNode sarif(GuardResult result) {
    return JSON.readTree(Results.printed(out -> GuardSarif.write(result, out)));
  }

  private static Element junit(GuardResult result) throws Exception {
    String xml = Results.printed(out -> GuardJunit.write(result, out));
    Document document =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    return document.getDocumentElement();
  }

  @Test
  void theScreenTellsTheStory() {
    assertThat(text(slower(), false))
        .isEqualTo(
            """
            before.json → after 1.json   cuda NVIDIA H200 driver 570.86, 3 cells, q8, canonical, cold

             q4_k matvec 4096×14336 b=1            SLOWER   −3.4 %  [−3.8, −2.9]  A/A noise 0.6 %  1.210 → 1.252 µs  79 % → 76 % of copy
             q4_k matvec 4096×14336 b=8            SAME     +0.0 %  [−0.5, +0.5]  A/A noise 0.6 %  1.210 → 1.210 µs  79 % → 76 % of copy
             q4_k decode attention 4096×14336 b=1  UNCLEAR  6 of 30 samples throttled; run again

             1 slower, 1 same, 1 unclear.  Change of speed with its 99 % interval; a change counts beyond the A/A noise and 0.5 %,
             same means that a change of 3.0 % would have been seen.
            slower (exit 1)
            """);
  }

  @Test
  void whatWasNotComparedIsSaidFirst() {
    assertThat(text(everything(), false))
        .startsWith(
            """
            1 of 5 cells not compared:
              q4_k silu 4096×14336 b=1: the new side did not measure it

            """)
        .endsWith("could-not-compare (exit 3)\n");
  }

  @Test
  void manyCellsThatAreTheSameAreCounted() {
    CellResult[] cells =
        IntStream.range(0, 15)
            .mapToObj(
                i -> new CellResult(key("k" + i, 1), Outcome.SAME, null, "", statistics(100, 100)))
            .toArray(CellResult[]::new);
    GuardResult result = result(new Verdict("same", ExitCode.SAME, List.of("15 same")), cells);

    assertThat(text(result, false)).contains("k11").doesNotContain("k12").contains("…3 more");
    assertThat(text(result, true)).contains("k14").doesNotContain("more");
  }

  @Test
  void conditionsThatDifferStandInTheLine() {
    CellKey warm =
        new CellKey("matvec", null, List.of(), null, H200, 2L, "f32", "canonical", "warm");
    GuardResult result =
        result(
            new Verdict("same", ExitCode.SAME, List.of("2 same")),
            SAME,
            new CellResult(warm, Outcome.SAME, null, "", statistics(100, 100)));

    assertThat(text(result, false))
        .contains(", 2 cells, canonical\n")
        .contains(" q4_k matvec 4096×14336 b=8 q8 cold  ")
        .contains(" matvec f32 warm 2 threads           ");
  }

  @Test
  void namesCannotActOnTheTerminalOrInXml() throws Exception {
    CellResult hostile =
        new CellResult(
            key("\u001b[31m<&\">\u0000\u202e", 1), Outcome.SLOWER, null, "", statistics(1, 2));
    GuardResult result =
        result(new Verdict("slower", ExitCode.DIFFERS, List.of("1 slower")), hostile);

    assertThat(text(result, false)).doesNotContain("\u001b", "\u0000", "\u202e");
    Element testCase = (Element) junit(result).getElementsByTagName("testcase").item(0);
    assertThat(testCase.getAttribute("name")).contains("\\u001b[31m<&\">\\u0000\\u202e");
  }

  private static List<String> violations(JsonNode document) throws IOException {
    try (InputStream in = GuardJson.class.getResourceAsStream("wmark-guard-v1.schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  @Test
  void theDocumentIsValid() throws IOException {
    GuardResult interleaved =
        new GuardResult(
            slower().before(),
            slower().after(),
            new GuardResult.Interleaving(5, true),
            slower().cells(),
            GuardOptions.DEFAULT,
            slower().verdict(),
            slower().run());

    assertThat(violations(json(everything()))).isEmpty();
    assertThat(violations(json(slower()))).isEmpty();
    assertThat(violations(json(interleaved))).isEmpty();
    assertThat(text(interleaved, false))
        .contains("Measured in turns, 5 rounds of A B B A, and once more since");
  }

  @Test
  void theSchemaSeesWhatIsWrong() throws IOException {
    ObjectNode disagreeing = (ObjectNode) json(slower());
    disagreeing.put("exitCode", 0);
    ObjectNode unknown = (ObjectNode) json(slower());
    unknown.put("surprise", 1);
    ObjectNode contradicting = (ObjectNode) json(slower());
    contradicting.put("verdict", "same").put("exitCode", 0);
    ObjectNode unexplained = (ObjectNode) json(slower());
    ((ObjectNode) unexplained.get("cells").get(2)).putNull("reason");
    ObjectNode baseless = (ObjectNode) json(slower());
    ((ObjectNode) baseless.get("cells").get(0)).putNull("statistics");

    assertThat(violations(disagreeing)).isNotEmpty();
    assertThat(violations(unknown)).isNotEmpty();
    assertThat(violations(contradicting)).isNotEmpty();
    assertThat(violations(unexplained)).isNotEmpty();
    assertThat(violations(baseless)).isNotEmpty();
  }

  /** The lists in the schema are those of the program. */
  @Test
  void theSchemaKnowsEveryOutcomeAndReason() throws IOException {
    try (InputStream in = GuardJson.class.getResourceAsStream("wmark-guard-v1.schema.json")) {
      JsonNode cell = JSON.readTree(in).get("$defs").get("cell").get("properties");
      assertThat(cell.get("outcome").get("enum").valueStream().map(JsonNode::asString))
          .containsExactlyElementsOf(Arrays.stream(Outcome.values()).map(Outcome::label).toList());
      assertThat(
              cell.get("reason")
                  .get("enum")
                  .valueStream()
                  .filter(JsonNode::isString)
                  .map(JsonNode::asString))
          .containsExactlyElementsOf(Arrays.stream(Reason.values()).map(Reason::label).toList());
    }
  }

  @Test
  void aLossIsAFailureAndWhatIsNotKnownAnError() throws Exception {
    Element suites = junit(everything());
    NodeList cases = suites.getElementsByTagName("testcase");

    assertThat(suites.getAttribute("tests")).isEqualTo("5");
    assertThat(suites.getAttribute("failures")).isEqualTo("1");
    assertThat(suites.getAttribute("errors")).isEqualTo("2");
    assertThat(IntStream.range(0, 5).mapToObj(i -> cases.item(i).getFirstChild().getNodeName()))
        .containsExactly("failure", "system-out", "system-out", "error", "error");
    assertThat(((Element) cases.item(0).getFirstChild()).getAttribute("message"))
        .isEqualTo("slower: speed −3.4 % [−3.8, −2.9], A/A noise 0.6 %, 1210 → 1252 ns");
    assertThat(((Element) cases.item(3).getFirstChild()).getAttribute("type"))
        .isEqualTo("throttled");
  }

  /** SARIF 2.1.0, 3.27.9 and 3.27.10: a level other than none needs the kind fail. */
  @Test
  void sarifKnowsFailuresFromOpenQuestions() {
    JsonNode log = sarif(everything());
    JsonNode run = log.get("runs").get(0);
    List<JsonNode> results = run.get("results").valueStream().toList();

    assertThat(log.get("version").asString()).isEqualTo("2.1.0");
    assertThat(run.get("invocations").get(0).get("executionSuccessful").asBoolean()).isFalse();
    assertThat(run.get("invocations").get(0).get("exitCode").asInt()).isEqualTo(3);
    assertThat(results)
        .extracting(r -> r.get("kind").asString() + " " + r.get("level").asString())
        .containsExactly(
            "fail error", "pass none", "informational none", "open none", "fail warning");
    assertThat(results)
        .extracting(r -> r.get("ruleId").asString())
        .isSubsetOf(
            run.get("tool")
                .get("driver")
                .get("rules")
                .valueStream()
                .map(rule -> rule.get("id").asString())
                .toList());
    assertThat(
            results.getFirst().at("/locations/0/physicalLocation/artifactLocation/uri").asString())
        .isEqualTo("after%201.json");
    assertThat(results.getFirst().at("/message/text").asString())
        .startsWith("q4_k matvec 4096×14336 b=1 q8 canonical cold: slower: speed −3.4 %");
  }

  @Test
  void everyFormSaysTheSame() throws Exception {
    for (GuardResult result : List.of(everything(), slower())) {
      JsonNode document = json(result);
      String verdict = document.get("verdict").asString();
      int exit = document.get("exitCode").asInt();

      assertThat(text(result, false)).endsWith("%s (exit %d)\n".formatted(verdict, exit));
      assertThat(sarif(result).at("/runs/0/invocations/0/exitCode").asInt()).isEqualTo(exit);
      List<String> outcomes =
          document.get("cells").valueStream().map(c -> c.get("outcome").asString()).toList();
      assertThat(
              sarif(result)
                  .at("/runs/0/results")
                  .valueStream()
                  .map(r -> r.get("ruleId").asString()))
          .containsExactlyElementsOf(outcomes);
      assertThat(junit(result).getElementsByTagName("failure").getLength())
          .isEqualTo((int) outcomes.stream().filter("slower"::equals).count());
    }
  }
}
