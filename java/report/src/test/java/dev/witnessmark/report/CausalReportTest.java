package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.causal.CausalStudy;
import dev.witnessmark.causal.diff.CausalDiff;
import dev.witnessmark.causal.diff.CausalOptions;
import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.Edge;
import dev.witnessmark.causal.diff.FingerprintPairs;
import dev.witnessmark.causal.diff.Measure;
import dev.witnessmark.causal.diff.PackedEdge;
import dev.witnessmark.causal.diff.RevisedTruths;
import dev.witnessmark.causal.diff.Threshold;
import dev.witnessmark.causal.gate.CrossReference;
import dev.witnessmark.causal.gate.GateStudy;
import dev.witnessmark.causal.gate.GateTopology;
import dev.witnessmark.causal.quality.Beliefs;
import dev.witnessmark.causal.quality.QualityMap;
import dev.witnessmark.causal.quality.VolatilityMap;
import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.causal.trace.RowTracer;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is shown and written of golden diffs. */
class CausalReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final RunRecord RUN =
      new RunRecord("1", List.of("causal"), "cpu", "scalar", "why", 2, 1, "25", List.of());

  private static final List<Edge> EDGES = new ArrayList<>();

  private static final List<CausalResult> DIFFS =
      List.of(
          Golden.diff("base", "tuned", EDGES),
          Golden.diff("base", "tuned2", new ArrayList<>()),
          Golden.diff("tuned", "tuned2", new ArrayList<>()),
          Golden.diff("small_base", "small_tuned", new ArrayList<>()));

  private static CausalStudy single() {
    return new CausalStudy(
        DIFFS.subList(0, 1),
        RevisedTruths.inOrder(DIFFS.subList(0, 1)),
        RevisedTruths.pooled(DIFFS.subList(0, 1)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        RUN);
  }

  private static CausalStudy everything() throws IOException {
    QualityMap quality = QualityMap.of(DIFFS.get(0), DIFFS.get(1), DIFFS.get(3));
    RowTracer tracer = new RowTracer(edge -> {});
    FingerprintPairs pairs = FingerprintPairs.of(Golden.index("base"), Golden.index("tuned"));
    CausalDiff.run(
        pairs, new CausalOptions(Threshold.of(100), 0.3, false, 1), tracer, Progress.NONE);
    return new CausalStudy(
        DIFFS,
        RevisedTruths.inOrder(DIFFS),
        RevisedTruths.pooled(DIFFS),
        Optional.of(quality),
        Optional.of(VolatilityMap.of(DIFFS.get(0), DIFFS.get(1), DIFFS.get(2), DIFFS.get(3))),
        Optional.of(Beliefs.of(quality)),
        Optional.of(tracer.trace(pairs, "blk.0.attn_q.weight", 5, 3, 1 << 20, false)),
        RUN);
  }

  private static List<String> violations(String id, JsonNode document) throws IOException {
    try (InputStream in = CausalJson.class.getResourceAsStream(id + ".schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  private static JsonNode json(CausalStudy study) {
    return JSON.readTree(Results.printed(out -> CausalJson.write(study, out)));
  }

  @Test
  void documentsFollowTheirSchema() throws IOException {
    assertThat(violations("wmark-causal-v1", json(single()))).isEmpty();
    JsonNode document = json(everything());
    assertThat(violations("wmark-causal-v1", document)).isEmpty();
    assertThat(document.get("diffs").size()).isEqualTo(4);
    assertThat(document.get("trace").get("steps").size()).isEqualTo(3);
    ((ObjectNode) document).put("verdict", "fine");
    assertThat(violations("wmark-causal-v1", document)).isNotEmpty();
  }

  @Test
  void theDocumentSaysWhatWasFound() {
    JsonNode document = json(single());
    assertThat(document.get("verdict").asString()).isEqualTo("differs");
    assertThat(document.get("exitCode").asInt()).isEqualTo(1);
    assertThat(document.get("projections").get("Q").get("shifted").asInt()).isEqualTo(124);
    assertThat(document.get("projections").get("Q").get("rows").asInt()).isEqualTo(256);
    JsonNode scaffold = document.get("scaffold");
    assertThat(scaffold.size()).isEqualTo(2);
    assertThat(scaffold.get(0).get("block").asInt()).isZero();
    assertThat(scaffold.get(1).get("block").asInt()).isEqualTo(2);
    assertThat(scaffold.get(1).get("k").asDouble()).isEqualTo(1.0 / 16);
    assertThat(document.get("null").get("pairs").asLong()).isPositive();
    assertThat(document.get("revision").get("pooled").get("K").get("label").asString())
        .isEqualTo("STABLE");
  }

  @Test
  void theScreenTellsTheStory() {
    String screen = Results.printed(out -> CausalText.print(single(), false, out));
    assertThat(screen)
        .startsWith("Not compared, base → tuned:\n")
        .contains("Scaffold: blocks 0, 2 (more than 30.0 % of Q and of O rows shifted, less of K).")
        .contains("  block 2: Q 78.1 %, K 6.3 %, O 78.1 %")
        .contains("339 of 1393 rows are further apart than L1 100")
        .endsWith("differs (exit 1)\n");
  }

  @Test
  void severalDiffsAreToldTogether() throws IOException {
    CausalStudy study = everything();
    String screen = Results.printed(out -> CausalText.print(study, true, out));
    assertThat(screen)
        .contains("Scaffold blocks of all 4 diffs:")
        .contains("Heads: GOOD 3, BAD 2, REVERTED 10, UNCERTAIN 6.")
        .contains("Back from row 5 of blk.0.attn_q.weight, 3 steps");
  }

  @Test
  void theReportHasItsSections() throws IOException {
    CausalStudy study = everything();
    String report = Results.printed(out -> CausalMarkdown.print(study, out));
    assertThat(report)
        .contains(
            "## Model matrix\n",
            "## Diff summary\n",
            "## Reasoning scaffold\n",
            "## Revised truth\n",
            "## Heads that moved most\n")
        .contains("| 1 | 2 | 78.1 % | 6.3 % | 78.1 % |");
    // Twenty heads, a header and the line below it.
    assertThat(report.substring(report.indexOf("## Heads")).lines().filter(l -> l.startsWith("|")))
        .hasSize(22);
  }

  @Test
  void thePictureIsWellFormed() throws Exception {
    String picture = Results.printed(out -> HeadPicture.write(DIFFS, out));
    var document =
        DocumentBuilderFactory.newDefaultNSInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(picture.getBytes(StandardCharsets.UTF_8)));
    long heads = DIFFS.stream().mapToLong(diff -> diff.heads().size()).sum();
    assertThat(document.getElementsByTagName("title").getLength()).isEqualTo((int) heads);
  }

  @Test
  void edgesAndHeadsCanBeQueried(@TempDir Path folder) throws IOException, SQLException {
    Path edges = folder.resolve("edges.parquet");
    try (EdgeTable table = new EdgeTable(edges)) {
      for (Edge edge : EDGES) {
        table.edges("base", "tuned", Measure.BASE17).accept(edge);
      }
    }
    Path heads = folder.resolve("heads.parquet");
    HeadTable.write(DIFFS, heads);
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement query = duck.createStatement()) {
      try (ResultSet rows =
          query.executeQuery(
              "select projection, count(*) from '%s' group by 1 order by 2 desc, 1 limit 2"
                  .formatted(edges))) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("Q");
        assertThat(rows.getLong(2)).isEqualTo(124);
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("O");
        assertThat(rows.getLong(2)).isEqualTo(103);
      }
      try (ResultSet rows =
          query.executeQuery(
              "select tensor, row, block, distance, frequency, confidence, packed, fits from '%s'"
                  .formatted(edges))) {
        for (Edge edge : EDGES) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getString(1)).isEqualTo(edge.tensor());
          assertThat(rows.getLong(2)).isEqualTo(edge.row());
          assertThat(rows.getObject(3))
              .isEqualTo(edge.block().isPresent() ? edge.block().getAsLong() : null);
          assertThat(rows.getDouble(4)).isEqualTo(edge.distance());
          assertThat(rows.getFloat(5)).isEqualTo(edge.truth().frequency());
          assertThat(rows.getFloat(6)).isEqualTo(edge.truth().confidence());
          assertThat(rows.getString(7))
              .isEqualTo(Long.toUnsignedString(PackedEdge.of(edge).word()));
          assertThat(rows.getBoolean(8)).isEqualTo(edge.block().isPresent());
        }
        assertThat(rows.next()).isFalse();
      }
      try (ResultSet rows =
          query.executeQuery(
              "select sum(shifted), sum(rows) from '%s' where projection = 'K' and tuned = 'tuned'"
                  .formatted(heads))) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getLong(1)).isEqualTo(3);
        assertThat(rows.getLong(2)).isEqualTo(64);
      }
    }
  }

  private static GateStudy gates() throws IOException {
    FingerprintModel model = Golden.index("moe");
    GateTopology gates = GateTopology.of(model, 500, 4096);
    return new GateStudy(
        List.of(gates),
        List.of(
            CrossReference.of(List.of(1L, 2L, 9L), model, model, gates),
            CrossReference.of(List.of(1L), Golden.index("base"), model, gates)),
        RUN);
  }

  @Test
  void routersFollowTheirSchema() throws IOException {
    GateStudy study = gates();
    JsonNode document = JSON.readTree(Results.printed(out -> GatesJson.write(study, out)));
    assertThat(violations("wmark-gates-v1", document)).isEmpty();
    assertThat(document.get("models").get(0).get("redundantPairs").asLong()).isEqualTo(336);
    assertThat(document.get("crossReferences").get(1).get("verdict").asString())
        .isEqualTo("NOT COMPARABLE");
  }

  @Test
  void routersAreHeldAgainstUnrelatedExperts() throws IOException {
    GateStudy study = gates();
    String screen = Results.printed(out -> GatesText.print(study, false, out));
    assertThat(screen)
        .contains("336 of 986 pairs are redundant")
        .contains("Null: experts of different blocks are L1 ")
        .contains("  block 2: no router")
        .contains("Scaffold of base beside the routers of moe: NOT COMPARABLE")
        .endsWith("described (exit 0)\n");
  }
}
