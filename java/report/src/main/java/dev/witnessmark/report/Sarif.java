package dev.witnessmark.report;

import dev.witnessmark.format.Printable;
import dev.witnessmark.verdict.ExitCode;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** SARIF 2.1.0 logs, as code hosts read them. */
final class Sarif {

  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

  private final JsonGenerator json;

  private Sarif(JsonGenerator json) {
    this.json = json;
  }

  /** Writes a log of one run to {@code out}, which stays open. */
  static void write(SarifRun run, List<SarifResult> results, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new Sarif(json).log(run, results);
      json.writeRaw('\n');
    }
  }

  private void log(SarifRun run, List<SarifResult> results) {
    json.writeStartObject();
    json.writeStringProperty("$schema", SCHEMA);
    json.writeStringProperty("version", "2.1.0");
    json.writeName("runs");
    json.writeStartArray();
    json.writeStartObject();
    tool(run);
    invocation(run);
    json.writeName("results");
    json.writeStartArray();
    results.forEach(this::result);
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private void tool(SarifRun run) {
    json.writeName("tool");
    json.writeStartObject();
    json.writeName("driver");
    json.writeStartObject();
    json.writeStringProperty("name", run.command());
    json.writeStringProperty("version", run.version());
    json.writeName("rules");
    json.writeStartArray();
    run.rules()
        .forEach((id, description) -> {
          json.writeStartObject();
          json.writeStringProperty("id", id);
          json.writeName("shortDescription");
          text(description);
          json.writeEndObject();
        });
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void invocation(SarifRun run) {
    json.writeName("invocations");
    json.writeStartArray();
    json.writeStartObject();
    Json.texts(json, "arguments", run.arguments());
    json.writeNumberProperty("exitCode", run.exit().code());
    json.writeBooleanProperty("executionSuccessful", run.exit() != ExitCode.COULD_NOT_COMPARE);
    json.writeEndObject();
    json.writeEndArray();
  }

  private void result(SarifResult result) {
    json.writeStartObject();
    json.writeStringProperty("ruleId", result.rule());
    json.writeStringProperty("kind", result.kind());
    json.writeStringProperty("level", result.level());
    json.writeName("message");
    text(Printable.of(result.message()));
    location(result);
    json.writeName("partialFingerprints");
    json.writeStartObject();
    json.writeStringProperty(result.fingerprint().kind(), result.fingerprint().value());
    json.writeEndObject();
    if (!result.properties().isEmpty()) {
      json.writeName("properties");
      json.writeStartObject();
      result.properties().forEach((name, value) -> Json.number(json, name, value));
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private void location(SarifResult result) {
    json.writeName("locations");
    json.writeStartArray();
    json.writeStartObject();
    if (result.file() != null) {
      json.writeName("physicalLocation");
      json.writeStartObject();
      json.writeName("artifactLocation");
      json.writeStartObject();
      json.writeStringProperty("uri", uri(result.file()));
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeName("logicalLocations");
    json.writeStartArray();
    json.writeStartObject();
    json.writeStringProperty("fullyQualifiedName", Printable.of(result.place()));
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
  }

  private static String uri(Path path) {
    if (path.isAbsolute()) {
      return path.toUri().toASCIIString();
    }
    String name = path.toString();
    try {
      // What stands before a colon would be read as a scheme.
      return new URI(null, null, name.contains(":") ? "./" + name : name, null).toASCIIString();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void text(String text) {
    json.writeStartObject();
    json.writeStringProperty("text", text);
    json.writeEndObject();
  }
}
