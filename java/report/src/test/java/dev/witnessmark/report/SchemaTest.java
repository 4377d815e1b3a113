package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.Expectation;
import dev.witnessmark.compare.FloorUse;
import dev.witnessmark.compare.Skipped;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.Role;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Documents against their schemas, and schemas against documents that are wrong. */
class SchemaTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static JsonNode document(DiffResult result) {
    return JSON.readTree(Results.printed(out -> DiffJson.write(result, out)));
  }

  static List<String> violations(String id, JsonNode document) throws IOException {
    try (InputStream in = DiffJson.class.getResourceAsStream(id + ".schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  private static DiffResult everything() {
    DiffResult plain =
        Results.result(
            new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, List.of("skipped")),
            List.of(new Skipped("w", "unreadable")),
            Results.equal("k", Role.ATTENTION_K, 0),
            Results.moved("q", Role.ATTENTION_Q, 0, Double.POSITIVE_INFINITY),
            Results.tensor(
                "v",
                Results.identity(Role.ATTENTION_V, 0),
                TensorStatus.WITHIN_QUANTISATION,
                Results.changed(0.5, null, new FloorUse(1, 0, 1, Double.POSITIVE_INFINITY, 4L))),
            Results.tensor("a", Results.identity(Role.OTHER, -1), TensorStatus.ONLY_IN_A, null),
            Results.tensor("b", Results.identity(Role.OTHER, -1), TensorStatus.ONLY_IN_B, null),
            Results.tensor("c", Results.identity(Role.OTHER, -1), TensorStatus.INCOMPATIBLE, null));
    return new DiffResult(
        plain.a(),
        plain.b(),
        plain.tensors(),
        plain.skipped(),
        3,
        new Expectation(
            "adapter",
            List.of(
                new Expectation.ExpectedTensor(
                    "q",
                    Results.identity(Role.ATTENTION_Q, 0),
                    6,
                    4,
                    0.5,
                    0.1,
                    null,
                    null,
                    1,
                    0.2,
                    0.01,
                    null,
                    null))),
        plain.verdict(),
        plain.run());
  }

  @Test
  void everyKindOfResultIsValid() throws IOException {
    assertThat(violations("wmark-diff-v1", document(everything()))).isEmpty();
    assertThat(
            violations(
                "wmark-diff-v1",
                document(
                    Results.result(
                        Results.differs(), Results.moved("q", Role.ATTENTION_Q, 0, 0.5)))))
        .isEmpty();
  }

  @Test
  void theSchemaSeesWhatIsWrong() throws IOException {
    ObjectNode unknownField = (ObjectNode) document(everything());
    unknownField.put("surprise", 1);
    ObjectNode disagreeing = (ObjectNode) document(everything());
    disagreeing.put("exitCode", 0);
    ObjectNode incomplete = (ObjectNode) document(everything());
    ((ObjectNode) incomplete.get("tensors").get(1)).remove("cosine");
    ObjectNode unknownStatus = (ObjectNode) document(everything());
    ((ObjectNode) unknownStatus.get("tensors").get(1)).put("status", "fine");

    assertThat(violations("wmark-diff-v1", unknownField)).isNotEmpty();
    assertThat(violations("wmark-diff-v1", disagreeing)).isNotEmpty();
    assertThat(violations("wmark-diff-v1", incomplete)).isNotEmpty();
    assertThat(violations("wmark-diff-v1", unknownStatus)).isNotEmpty();
  }

  @Test
  void numbersThatAreNotFiniteAreTextsAndUndefinedOnesNull() {
    JsonNode tensors = document(everything()).get("tensors");

    assertThat(tensors.get(1).get("relative").asString()).isEqualTo("Infinity");
    assertThat(tensors.get(1).get("rows").get("most").get(0).get("relative").asString())
        .isEqualTo("Infinity");
    assertThat(tensors.get(2).get("cosine").isNull()).isTrue();
    assertThat(tensors.get(2).get("budget").get("used").asString()).isEqualTo("Infinity");
    assertThat(tensors.get(0).get("maxAbs").asDouble()).isZero();
    assertThat(tensors.get(0).get("maxAbsIndex").isNull()).isTrue();
    assertThat(tensors.get(3).has("cosine")).isFalse();
    assertThat(tensors.get(3).get("b").isNull()).isTrue();
  }

  @Test
  void everyVerdictOfTheTextIsTheOneOfTheDocument() {
    DiffResult result = everything();

    String text =
        Results.printed(out ->
            DiffText.print(result, new DiffText.Style(false, DiffSort.RELATIVE, false, null), out));

    assertThat(text)
        .contains(
            "%s (exit %d)"
                .formatted(
                    document(result).get("verdict").asString(),
                    document(result).get("exitCode").asInt()));
  }

  @Test
  void refusalsAreValidWithAndWithoutOffset() throws IOException {
    IOException truncated = new Refusal.Truncated("f", "key", 56, 8, 4, "download it again");
    IOException unreadable = new IOException("f: permission denied");

    for (IOException failure : List.of(truncated, unreadable)) {
      String line =
          Results.printed(out ->
              InfoJson.writeRefused("f", failure, String.valueOf(failure.getMessage()), out));
      assertThat(line.lines()).hasSize(1);
      JsonNode document = JSON.readTree(line);
      assertThat(violations("wmark-info-v1", document)).isEmpty();
      boolean refusal = failure instanceof Refusal;
      assertThat(document.get("error").get("kind").asString())
          .isEqualTo(refusal ? "truncated" : "unreadable");
      assertThat(document.get("error").get("offset").isNull()).isEqualTo(!refusal);
    }
  }

  /** The lists in the schemas are those of the program. */
  @Test
  void theSchemasKnowEveryRoleTypeAndStatus() throws IOException {
    for (String id : List.of("wmark-diff-v1", "wmark-info-v1")) {
      try (InputStream in = DiffJson.class.getResourceAsStream(id + ".schema.json")) {
        JsonNode definitions = JSON.readTree(in).get("$defs");
        assertThat(texts(definitions.get("role").get("enum")))
            .containsExactly(labels(Role.values(), Role::label));
        assertThat(texts(definitions.get("type").get("enum")))
            .containsExactly(labels(TensorType.values(), TensorType::name));
        if (definitions.get("tensor").get("properties").has("status")) {
          assertThat(texts(definitions.get("tensor").get("properties").get("status").get("enum")))
              .containsExactly(labels(TensorStatus.values(), TensorStatus::label));
        }
      }
    }
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  private static <T> String[] labels(T[] values, java.util.function.Function<T, String> label) {
    return List.of(values).stream().map(label).toArray(String[]::new);
  }
}
