package dev.witnessmark.report;

import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.index.IndexResult;
import dev.witnessmark.fingerprint.index.LayerStatistics;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** The document {@code wmark-index-v1}. */
public final class IndexJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-index-v1";

  private IndexJson() {}

  public static void write(IndexResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      json.writeStartObject();
      json.writeStringProperty("schema", SCHEMA);
      json.writeNumberProperty("stride", result.stride());
      Json.array(json, "outputs", result.outputs(), output -> output(json, output));
      RunRecordJson.write(json, result.run());
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void output(JsonGenerator json, IndexResult.Output output) {
    json.writeStartObject();
    json.writeStringProperty("path", output.path().toString());
    json.writeNumberProperty("bytes", output.bytes());
    Json.array(json, "models", output.models(), model -> model(json, model));
    json.writeName("total");
    statistics(json, output.total());
    json.writeName("byType");
    json.writeStartObject();
    for (Map.Entry<LayerType, LayerStatistics> type : output.byType().entrySet()) {
      json.writeName(type.getKey().label());
      statistics(json, type.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void model(JsonGenerator json, IndexResult.Model model) {
    json.writeStartObject();
    json.writeStringProperty("name", model.name());
    json.writeStringProperty("container", model.container());
    json.writeNumberProperty("tensors", model.tensors());
    json.writeNumberProperty("indexed", model.indexed());
    json.writeNumberProperty("skipped", model.skipped());
    Json.texts(json, "unsupported", model.unsupported());
    Json.texts(json, "notices", model.notices());
    json.writeEndObject();
  }

  private static void statistics(JsonGenerator json, LayerStatistics statistics) {
    json.writeStartObject();
    json.writeNumberProperty("tensors", statistics.tensors());
    json.writeNumberProperty("originalBytes", statistics.originalBytes());
    json.writeNumberProperty("fingerprintBytes", statistics.fingerprintBytes());
    Json.number(json, "reduction", statistics.reduction());
    json.writeEndObject();
  }
}
