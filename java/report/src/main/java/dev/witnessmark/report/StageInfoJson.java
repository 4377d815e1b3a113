package dev.witnessmark.report;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.Provenance;
import dev.witnessmark.model.transformer.StageKey;
import java.io.OutputStream;
import tools.jackson.core.JsonGenerator;

/** Documents {@code wmark-info-v1} of stages, each on one line. */
public final class StageInfoJson {

  private StageInfoJson() {}

  /** Writes the line of {@code path}. */
  public static void write(String path, StageInfo info, OutputStream out) {
    try (JsonGenerator json = Json.line(out)) {
      json.writeStartObject();
      json.writeStringProperty("schema", InfoJson.SCHEMA);
      json.writeStringProperty("path", path);
      json.writeStringProperty("status", "ok");
      switch (info) {
        case StageInfo.OfFile file -> file(json, file);
        case StageInfo.OfCapture capture -> capture(json, capture);
      }
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void file(JsonGenerator json, StageInfo.OfFile file) {
    AprtHeader header = file.header();
    json.writeStringProperty("format", "APRT");
    Json.whole(json, "layer", header.layer() == AprtHeader.WHOLE_MODEL ? null : header.layer());
    json.writeNumberProperty("values", header.elements());
    json.writeNumberProperty("bytes", header.fileBytes());
    InfoJson.findings(json, file.findings());
  }

  private static void capture(JsonGenerator json, StageInfo.OfCapture capture) {
    Provenance from = capture.manifest().provenance();
    json.writeStringProperty("format", "capture");
    json.writeStringProperty("architecture", from.hyperparameters().architecture());
    json.writeNumberProperty("blocks", from.hyperparameters().layers());
    json.writeNumberProperty("bytes", capture.bytes());
    json.writeStringProperty("model", from.model());
    Json.text(json, "prompt", from.prompt().orElse(null));
    json.writeNumberProperty("positions", from.positions());
    json.writeStringProperty("products", from.path());
    json.writeStringProperty("device", from.run().device());
    json.writeName("stages");
    json.writeStartArray();
    for (StageInfo.InspectedStage stage : capture.stages()) {
      json.writeStartObject();
      json.writeStringProperty("stage", stage.key().stage().id());
      int layer = stage.key().layer();
      Json.whole(json, "layer", layer == StageKey.NO_LAYER ? null : (long) layer);
      json.writeStringProperty("type", stage.view().type().name());
      json.writeName("shape");
      json.writeStartArray();
      for (long dimension : stage.view().shape().toArray()) {
        json.writeNumber(dimension);
      }
      json.writeEndArray();
      json.writeStringProperty("file", stage.view().source().name());
      json.writeNumberProperty("offset", stage.view().offset());
      json.writeNumberProperty("bytes", stage.view().bytes());
      InfoJson.findings(json, stage.findings());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
