package dev.witnessmark.it;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The schemas that ship with the program. */
enum Schemas {
  DIFF("report", "wmark-diff-v1"),
  INFO("report", "wmark-info-v1"),
  STAGE_DIFF("report", "apr-stage-diff-v1"),
  GUARD("report", "wmark-guard-v1"),
  BENCH("bench", "wmark-bench-v1"),
  COMPARE("report", "wmark-compare-v1"),
  FALSIFY("report", "wmark-falsify-v1"),
  FALSIFY_MODEL("report", "wmark-falsify-model-v1"),
  TRACE("report", "wmark-trace-v1"),
  PARITY("report", "wmark-parity-v1"),
  CAUSAL("report", "wmark-causal-v1"),
  GATES("report", "wmark-gates-v1"),
  INDEX("report", "wmark-index-v1"),
  EXPLAIN("report", "wmark-explain-v1");

  private final String module;
  private final String id;

  Schemas(String module, String id) {
    this.module = module;
    this.id = id;
  }

  /** What in {@code document} is not as the schema says. */
  List<String> violations(JsonNode document) {
    return schema().validate(document).stream().map(Error::toString).toList();
  }

  private Schema schema() {
    String resource = "/dev/witnessmark/" + module + "/" + id + ".schema.json";
    try (InputStream in = Schemas.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing");
      }
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
