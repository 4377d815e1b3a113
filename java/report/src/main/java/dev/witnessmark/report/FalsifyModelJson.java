package dev.witnessmark.report;

import dev.witnessmark.falsify.Finding;
import dev.witnessmark.falsify.model.LayerDifference;
import dev.witnessmark.falsify.model.MatrixNoise;
import dev.witnessmark.falsify.model.ModelResult;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code wmark-falsify-model-v1}; its schema is the resource {@code
 * wmark-falsify-model-v1.schema.json}.
 */
public final class FalsifyModelJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-falsify-model-v1";

  private final JsonGenerator json;

  private FalsifyModelJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(ModelResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new FalsifyModelJson(json).document(result);
      json.writeRaw('\n');
    }
  }

  private void document(ModelResult result) {
    json.writeStartObject();
    Json.verdict(json, SCHEMA, result.verdict());
    json.writeStringProperty("model", result.model());
    json.writeStringProperty("architecture", result.architecture());
    json.writeNumberProperty("numericsContract", result.contract());
    json.writeStringProperty("device", result.device());
    array("tokens", result.tokens(), json::writeNumber);
    array("claims", result.findings(), this::finding);
    array("matrices", result.matrices(), this::matrix);
    json.writeNumberProperty("others", result.others());
    array("layers", result.layers(), this::layer);
    Json.number(json, "overIndependent", result.overIndependent());
    RunRecordJson.write(json, result.run());
    json.writeEndObject();
  }

  private void finding(Finding finding) {
    json.writeStartObject();
    FindingJson.write(json, finding);
    json.writeEndObject();
  }

  private void matrix(MatrixNoise matrix) {
    json.writeStartObject();
    json.writeStringProperty("name", matrix.name());
    json.writeStringProperty("type", matrix.type().name());
    json.writeNumberProperty("results", matrix.results());
    Json.number(json, "relative", matrix.relative());
    Json.number(json, "error", matrix.error());
    Json.number(json, "sigma", matrix.sigma());
    Json.number(json, "z", matrix.z());
    Json.number(json, "largestZ", matrix.largestZ());
    json.writeNumberProperty("beyondThree", matrix.beyondThree());
    Json.number(json, "brokenZ", matrix.brokenZ());
    json.writeNumberProperty("rows", matrix.rows());
    json.writeNumberProperty("crushedRows", matrix.crushedRows());
    json.writeEndObject();
  }

  private void layer(LayerDifference layer) {
    json.writeStartObject();
    json.writeNumberProperty("layer", layer.layer());
    Json.number(json, "own", layer.own());
    Json.number(json, "whole", layer.whole());
    Json.number(json, "fromFirst", layer.fromFirst());
    Json.number(json, "doubled", layer.doubled());
    json.writeEndObject();
  }

  private <T> void array(String name, List<T> values, Consumer<T> write) {
    json.writeName(name);
    json.writeStartArray();
    values.forEach(write);
    json.writeEndArray();
  }
}
