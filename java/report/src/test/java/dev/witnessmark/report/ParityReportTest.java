package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.parity.check.Finding;
import dev.witnessmark.parity.check.ParityResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Text, JSON, JUnit XML and SARIF of the same checks. */
class ParityReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static String text(ParityResult result, TokenText tokens) {
    return Results.printed(out -> ParityText.print(result, tokens, out));
  }

  private static JsonNode json(ParityResult result) {
    return JSON.readTree(Results.printed(out -> ParityJson.write(result, out)));
  }

  private static JsonNode sarif(ParityResult result) {
    return JSON.readTree(Results.printed(out -> ParitySarif.write(result, out)));
  }

  private static Element junit(ParityResult result) throws Exception {
    String xml = Results.printed(out -> ParityJunit.write(result, out));
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement();
  }

  private static JsonNode schema() throws IOException {
    try (InputStream in = ParityJson.class.getResourceAsStream("wmark-parity-v1.schema.json")) {
      return JSON.readTree(in);
    }
  }

  private static List<String> violations(JsonNode document) throws IOException {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(schema().toString());
    return schema.validate(document).stream().map(Error::toString).toList();
  }

  @Test
  void theScreenTellsWhereItFirstGoesWrong() {
    assertThat(text(Parities.different(), Parities.LETTERS))
        .isEqualTo(
            """
             m.gguf
             emulated, against the oracle cpu vector-512
             path q8 · cache f32
               ffn_out: mine of my 1.so in place of matvec_q8_q4_k

             "bcd": 3 tokens, 1 generated
               oracle continues "e"
               device continues "f"
               eager: 12 of 1,040 stage tensors differ, first layer-3/ffn_out at position 3
                 logits at position 3: cosine 0.9900, largest difference 0.7500; top token "e" against "f" (margin 0.500, 35.4 σ of the path's rounding)
               eager, run 2: all 1,040 stage tensors bit-equal
               UNSTABLE: layer-3/ffn_out at position 3 is not the same in every run
               wrong by itself, fed its own inputs (1 of 102 stages looked at):
                 stage            differ  max/rms  cosine  oracle−exact  device−exact  budget
                 layer-3/ffn_out  25.0 %   0.5000  0.9487     5.001e-04        0.2496    24.5
               layer-3/ffn_out, value 3 (row 1, column 1): oracle -1.000, device -0.5000, exact -0.9990
               a remark
               with the oracle's values of layer-3/ffn_out in their place the logits are 0.0625 of their rms away, before 0.125: something else is wrong too

             DIFFERS: layer-3/ffn_out at position 3 is not the same in every run
               layer-3/ffn_out differs by itself in 1 of 4 values, by 0.500 of its rms at most; 24.5 of its budget (derived)
               lm_head at position 3 prefers token 5 to 4, and rounding does not explain it
            """);
  }

  @Test
  void whatIsTheSameIsSoonTold() {
    assertThat(text(Parities.identical(), TokenText.NONE))
        .isEqualTo(
            """
             m.gguf
             emulated, against the oracle cpu vector-512
             path q8 · cache f32

             [1, 2, 3]: 3 tokens, 1 generated
               both continue [4]
               eager: all 1,040 stage tensors bit-equal
               eager, run 2: all 1,040 stage tensors bit-equal

             BIT-IDENTICAL: all bits
            """);
  }

  @Test
  void aBudgetIsSharedOut() {
    assertThat(text(Parities.within(), Parities.LETTERS).lines())
        .contains(
            "     layer-3/ffn_out  25.0 %   0.5000  0.9487     5.001e-04        0.2496   0.250",
            "     logits at position 3: cosine 0.9999500, largest difference 0.002000;"
                + " same top token (margin 0.500, 35.4 σ of the path's rounding)",
            "   with the oracle's values of layer-3/ffn_out in their place the logits are the"
                + " oracle's, to the bit",
            " WITHIN-BUDGET: layer-3/ffn_out differs by itself in 1 of 4 values, by 0.500 of its"
                + " rms at most; 0.250 of its budget (derived)");
  }

  /** Ten are listed, and what no budget explains is among them. */
  @Test
  void whatIsWrongComesBeforeWhatIsExplained() {
    List<String> lines = text(Parities.farBehind(), Parities.LETTERS).lines().toList();
    int head =
        lines.indexOf("   wrong by itself, fed its own inputs (12 of 102 stages looked at):");
    assertThat(lines.get(head + 2)).startsWith("     layer-11/ffn_out");
    assertThat(lines.get(head + 3)).startsWith("     layer-0/ffn_out");
    assertThat(lines.get(head + 12)).isEqualTo("     … and 2 more");
    assertThat(lines.get(head + 13)).startsWith("   layer-11/ffn_out, value 3");
  }

  @Test
  void whatDidNotComeBackIsTold() {
    assertThat(text(Parities.notReproduced(), Parities.LETTERS).lines())
        .contains(
            "   NOT REPRODUCED: layer-3/ffn_out at position 3 was something else when it was looked"
                + " at again");
    JsonNode place = json(Parities.notReproduced()).at("/prompts/0/notReproduced");
    assertThat(place.get("stage").asString()).isEqualTo("layer-3/ffn_out");
    assertThat(place.get("position").asInt()).isEqualTo(3);
  }

  @Test
  void documentsAreValid() throws IOException {
    for (ParityResult result :
        List.of(
            Parities.identical(),
            Parities.within(),
            Parities.different(),
            Parities.farBehind(),
            Parities.brokenContract(),
            Parities.notReproduced())) {
      assertThat(violations(json(result))).isEmpty();
    }
    JsonNode document = json(Parities.different());
    assertThat(document.at("/prompts/0/faults/0/stage").asString()).isEqualTo("layer-3/ffn_out");
    assertThat(document.at("/prompts/0/faults/0/budget/used").asDouble()).isEqualTo(24.5);
    assertThat(document.at("/prompts/0/faults/0/deviceAgainstOracle/rms").asDouble())
        .isEqualTo(0.25);
    assertThat(document.at("/prompts/0/unstable/position").asInt()).isEqualTo(3);
    assertThat(document.at("/findings").valueStream().map(f -> f.get("kind").asString()))
        .containsExactly("unstable", "stage-differs", "token-differs");
    assertThat(document.at("/ownKernels/0/file").asString()).isEqualTo("my 1.so");
  }

  @Test
  void theSchemaSeesWhatIsWrong() throws IOException {
    ObjectNode disagreeing = (ObjectNode) json(Parities.different());
    disagreeing.put("exitCode", 0);
    ObjectNode unknown = (ObjectNode) json(Parities.different());
    unknown.put("surprise", 1);
    ObjectNode contradicting = (ObjectNode) json(Parities.different());
    contradicting.put("verdict", "within-budget").put("exitCode", 0);
    ObjectNode unfounded = (ObjectNode) json(Parities.identical());
    unfounded.put("verdict", "differs").put("exitCode", 1);
    ObjectNode excused = (ObjectNode) json(Parities.within());
    excused.putArray("ownKernels");

    assertThat(violations(disagreeing)).isNotEmpty();
    assertThat(violations(unknown)).isNotEmpty();
    assertThat(violations(contradicting)).isNotEmpty();
    assertThat(violations(unfounded)).isNotEmpty();
    assertThat(violations(excused)).isNotEmpty();
  }

  /** The list in the schema is that of the program. */
  @Test
  void theSchemaKnowsEveryKind() throws IOException {
    assertThat(
            schema()
                .at("/$defs/finding/properties/kind/enum")
                .valueStream()
                .map(JsonNode::asString))
        .containsExactlyElementsOf(
            Arrays.stream(Finding.Kind.values()).map(Finding.Kind::id).toList());
  }

  @Test
  void runsAndFindingsAreTests() throws Exception {
    Element suites = junit(Parities.different());
    NodeList cases = suites.getElementsByTagName("testcase");

    assertThat(suites.getAttribute("tests")).isEqualTo("5");
    assertThat(suites.getAttribute("failures")).isEqualTo("4");
    assertThat(suites.getAttribute("errors")).isEqualTo("0");
    assertThat(names(cases))
        .containsExactly(
            "prompt 1 eager run 1",
            "prompt 1 eager run 2",
            "prompt 1 layer-3/ffn_out",
            "prompt 1 layer-3/ffn_out",
            "prompt 1 lm_head");
    assertThat(((Element) cases.item(0)).getAttribute("classname"))
        .isEqualTo("wmark parity on emulated");
    assertThat(elements(cases))
        .containsExactly("failure", "system-out", "failure", "failure", "failure");
    Element fault = (Element) cases.item(3).getFirstChild();
    assertThat(fault.getAttribute("type")).isEqualTo("stage-differs");
    assertThat(fault.getAttribute("message"))
        .isEqualTo(
            "layer-3/ffn_out differs by itself in 1 of 4 values, by 0.500 of its rms at most; 24.5"
                + " of its budget (derived)");
    assertThat(((Element) cases.item(0).getFirstChild()).getAttribute("message"))
        .isEqualTo("12 of 1,040 stage tensors differ, first layer-3/ffn_out at position 3");
  }

  @Test
  void whatStaysInItsBudgetPasses() throws Exception {
    assertThat(elements(junit(Parities.within()).getElementsByTagName("testcase")))
        .containsExactly("system-out", "system-out");
    assertThat(elements(junit(Parities.brokenContract()).getElementsByTagName("testcase")))
        .containsExactly("failure", "failure");
    assertThat(elements(junit(Parities.notReproduced()).getElementsByTagName("testcase")))
        .containsExactly("failure", "failure");
    JsonNode within = sarif(Parities.within()).at("/runs/0/results/0");
    assertThat(within.get("ruleId").asString()).isEqualTo("within-budget");
    assertThat(within.get("kind").asString()).isEqualTo("informational");
    assertThat(within.get("level").asString()).isEqualTo("none");
  }

  private static List<String> names(NodeList cases) {
    return IntStream.range(0, cases.getLength())
        .mapToObj(i -> ((Element) cases.item(i)).getAttribute("name"))
        .toList();
  }

  private static List<String> elements(NodeList cases) {
    return IntStream.range(0, cases.getLength())
        .mapToObj(i -> cases.item(i).getFirstChild().getNodeName())
        .toList();
  }

  @Test
  void sarifHasAResultPerFindingInTheFileOfTheKernel() {
    JsonNode run = sarif(Parities.different()).at("/runs/0");
    List<JsonNode> results = run.get("results").valueStream().toList();

    assertThat(run.at("/tool/driver/name").asString()).isEqualTo("wmark parity");
    assertThat(run.at("/invocations/0/exitCode").asInt()).isEqualTo(1);
    assertThat(results)
        .extracting(r -> r.get("ruleId").asString() + " " + r.get("level").asString())
        .containsExactly("unstable error", "stage-differs error", "token-differs error");
    assertThat(run.at("/tool/driver/rules").valueStream().map(rule -> rule.get("id").asString()))
        .containsAll(results.stream().map(r -> r.get("ruleId").asString()).toList());
    JsonNode fault = results.get(1);
    assertThat(fault.at("/locations/0/physicalLocation/artifactLocation/uri").asString())
        .isEqualTo("my%201.so");
    assertThat(fault.at("/locations/0/logicalLocations/0/fullyQualifiedName").asString())
        .isEqualTo("layer-3/ffn_out");
    assertThat(fault.at("/partialFingerprints/stage~1v1").asString())
        .isEqualTo("emulated prompt 1 layer-3/ffn_out");
    assertThat(fault.at("/properties/largestOverRms").asDouble()).isEqualTo(0.5);
    assertThat(fault.at("/properties/leastCosine").asDouble()).isEqualTo(1.5 / Math.sqrt(2.5));
    assertThat(fault.at("/properties/budgetUsed").asDouble()).isEqualTo(24.5);
    // No own kernel makes the logits.
    assertThat(results.get(2).at("/locations/0/physicalLocation").isMissingNode()).isTrue();
    assertThat(results.get(2).at("/properties").isMissingNode()).isTrue();
  }
}
