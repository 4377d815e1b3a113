package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.bgz7.Bgz7Entry;
import dev.witnessmark.fingerprint.bgz7.Bgz7Index;
import dev.witnessmark.fingerprint.bgz7.Bgz7Writer;
import dev.witnessmark.fingerprint.index.IndexResult;
import dev.witnessmark.fingerprint.index.LayerStatistics;
import dev.witnessmark.format.Limits;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class IndexReportTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static IndexResult result() {
    Map<LayerType, LayerStatistics> byType = new EnumMap<>(LayerType.class);
    Arrays.stream(LayerType.values()).forEach(type -> byType.put(type, LayerStatistics.NONE));
    byType.put(LayerType.ATTENTION, new LayerStatistics(2, 4 * 5120 * 10, 34 * 10));
    IndexResult.Model model =
        new IndexResult.Model("m", "GGUF", 2, 3, List.of("w\u0007"), List.of("see \u001b[31m"));
    return new IndexResult(
        List.of(new IndexResult.Output(Path.of("out.bgz7"), 400, List.of(model), byType)),
        16,
        new RunRecord("1", List.of("index"), "cpu", "scalar", "why", 2, 1 << 20, "25", List.of()));
  }

  @Test
  void theDocumentIsAsItsSchemaSays() throws IOException {
    JsonNode document = JSON.readTree(Results.printed(out -> IndexJson.write(result(), out)));
    assertThat(SchemaTest.violations(IndexJson.SCHEMA, document)).isEmpty();
    JsonNode output = document.get("outputs").get(0);
    assertThat(output.get("total").get("reduction").asDouble()).isEqualTo(4 * 5120 / 34.0);
    assertThat(output.get("byType").get("Norm").get("reduction").asDouble()).isZero();
    assertThat(output.get("models").get(0).get("tensors").asInt()).isEqualTo(6);
    ((ObjectNode) document).remove("stride");
    ((ObjectNode) output.get("total")).put("tensors", -1);
    assertThat(SchemaTest.violations(IndexJson.SCHEMA, document)).hasSize(2);
  }

  @Test
  void theTextSpeaksOfFingerprintReductionAndIsSafeToPrint() {
    String text = Results.printed(out -> IndexText.print(result(), out));
    assertThat(text)
        .contains("fingerprint reduction")
        .contains("602.4 ×")
        .doesNotContain("\u001b")
        .doesNotContain("\u0007");
  }

  @Test
  void anIndexFileIsDescribed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("x.bgz7");
    List<Bgz7Entry> entries =
        List.of(
            new Bgz7Entry("blk.3.ffn_gate_inp.weight", LayerType.FEED_FORWARD, 2, 64),
            new Bgz7Entry("a\u001b[31mb", LayerType.ATTENTION, 0, 1));
    try (Bgz7Writer writer = Bgz7Writer.create(file, entries)) {
      writer.write(0, 0, 2, new short[34]);
      writer.commit();
    }
    try (Bgz7Index index = Bgz7Index.open(file, Bgz7Index.Reading.STRICT, Limits.DEFAULT)) {
      JsonNode document =
          JSON.readTree(Results.printed(out -> Bgz7InfoJson.write("x.bgz7", index, out)));
      assertThat(SchemaTest.violations(InfoJson.SCHEMA, document)).isEmpty();
      JsonNode router = document.get("records").get(0);
      assertThat(router.get("router").asBoolean()).isTrue();
      assertThat(router.get("block").asInt()).isEqualTo(3);
      assertThat(router.get("projection").asString()).isEqualTo("Gate");
      assertThat(router.get("offset").asInt()).isEqualTo(8 + 13 + 25);
      assertThat(document.get("records").get(1).get("block").isNull()).isTrue();
      ((ObjectNode) document).remove("truncated");
      assertThat(SchemaTest.violations(InfoJson.SCHEMA, document)).isNotEmpty();
      assertThat(Results.printed(out -> Bgz7InfoText.print("x.bgz7", index, false, out)))
          .contains("BGZ7")
          .contains("blk.3.ffn_gate_inp.weight")
          .doesNotContain("\u001b");
    }
  }
}
