package dev.witnessmark.report;

import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.CellStatistics;
import dev.witnessmark.bench.guard.GuardResult;
import dev.witnessmark.bench.guard.Outcome;
import dev.witnessmark.format.Printable;
import dev.witnessmark.verdict.ExitCode;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import tools.jackson.core.JsonGenerator;

/**
 * A SARIF 2.1.0 log, as code hosts read it: a result per cell, a rule per outcome. Only a loss is
 * of level error; what is unclear is an open result, and what was not compared a warning.
 */
public final class GuardSarif {

  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

  private final JsonGenerator json;
  private final GuardResult result;

  private GuardSarif(JsonGenerator json, GuardResult result) {
    this.json = json;
    this.result = result;
  }

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(GuardResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new GuardSarif(json, result).log();
      json.writeRaw('\n');
    }
  }

  private void log() {
    json.writeStartObject();
    json.writeStringProperty("$schema", SCHEMA);
    json.writeStringProperty("version", "2.1.0");
    json.writeName("runs");
    json.writeStartArray();
    json.writeStartObject();
    tool();
    invocation();
    json.writeName("results");
    json.writeStartArray();
    result.cells().forEach(this::result);
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private void tool() {
    json.writeName("tool");
    json.writeStartObject();
    json.writeName("driver");
    json.writeStartObject();
    json.writeStringProperty("name", "wmark guard");
    json.writeStringProperty("version", result.run().version());
    json.writeName("rules");
    json.writeStartArray();
    for (Outcome outcome : Outcome.values()) {
      json.writeStartObject();
      json.writeStringProperty("id", outcome.label());
      json.writeName("shortDescription");
      text(
          switch (outcome) {
            case SLOWER -> "More time than noise explains.";
            case FASTER -> "Less time than noise explains.";
            case SAME -> "No change beyond noise.";
            case UNCLEAR -> "Noise hides the answer.";
            case NOT_COMPARED -> "Nothing to compare with.";
          });
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void invocation() {
    json.writeName("invocations");
    json.writeStartArray();
    json.writeStartObject();
    json.writeName("arguments");
    json.writeStartArray();
    result.run().arguments().forEach(json::writeString);
    json.writeEndArray();
    json.writeNumberProperty("exitCode", result.verdict().exit().code());
    json.writeBooleanProperty(
        "executionSuccessful", result.verdict().exit() != ExitCode.COULD_NOT_COMPARE);
    json.writeEndObject();
    json.writeEndArray();
  }

  private void result(CellResult cell) {
    json.writeStartObject();
    json.writeStringProperty("ruleId", cell.outcome().label());
    json.writeStringProperty(
        "kind",
        switch (cell.outcome()) {
          case SLOWER, NOT_COMPARED -> "fail";
          case FASTER -> "informational";
          case SAME -> "pass";
          case UNCLEAR -> "open";
        });
    json.writeStringProperty(
        "level",
        switch (cell.outcome()) {
          case SLOWER -> "error";
          case NOT_COMPARED -> "warning";
          case FASTER, SAME, UNCLEAR -> "none";
        });
    String label = Printable.of(cell.key().label());
    json.writeName("message");
    text(label + ": " + Printable.of(GuardSentence.of(cell)));
    location(label);
    json.writeName("partialFingerprints");
    json.writeStartObject();
    json.writeStringProperty("cell/v1", cell.key().device().label() + " " + cell.key().label());
    json.writeEndObject();
    CellStatistics statistics = cell.statistics();
    if (statistics != null) {
      json.writeName("properties");
      json.writeStartObject();
      json.writeNumberProperty("timeRatio", statistics.time().ratio());
      json.writeNumberProperty("noise", statistics.noise());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /** The cell, and the file that holds its new samples. */
  private void location(String label) {
    json.writeName("locations");
    json.writeStartArray();
    json.writeStartObject();
    if (result.interleaved() == null) {
      json.writeName("physicalLocation");
      json.writeStartObject();
      json.writeName("artifactLocation");
      json.writeStartObject();
      json.writeStringProperty("uri", uri(Path.of(result.after().name())));
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeName("logicalLocations");
    json.writeStartArray();
    json.writeStartObject();
    json.writeStringProperty("fullyQualifiedName", label);
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
