package dev.witnessmark.report;

import dev.witnessmark.fingerprint.BlockNumber;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.fingerprint.RouterName;
import dev.witnessmark.fingerprint.bgz7.Bgz7Index;
import dev.witnessmark.fingerprint.bgz7.Bgz7Record;
import java.io.OutputStream;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/** Documents {@code wmark-info-v1} of index files, each on one line. */
public final class Bgz7InfoJson {

  private Bgz7InfoJson() {}

  /** Writes the line of {@code path}. */
  public static void write(String path, Bgz7Index index, OutputStream out) {
    try (JsonGenerator json = Json.line(out)) {
      json.writeStartObject();
      json.writeStringProperty("schema", InfoJson.SCHEMA);
      json.writeStringProperty("path", path);
      json.writeStringProperty("status", "ok");
      json.writeStringProperty("format", "BGZ7");
      json.writeNumberProperty("bytes", index.source().size());
      Json.texts(json, "notes", index.notices());
      json.writeNumberProperty("declaredRecords", index.declared());
      json.writeBooleanProperty("truncated", index.truncated());
      Json.array(json, "records", index.records(), record -> record(json, record));
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void record(JsonGenerator json, Bgz7Record record) {
    OptionalLong block = BlockNumber.of(record.name());
    json.writeStartObject();
    json.writeStringProperty("name", record.name());
    json.writeStringProperty("layerType", record.layerType().label());
    json.writeStringProperty("projection", Projection.of(record.name()).label());
    Json.whole(json, "block", block.isPresent() ? block.getAsLong() : null);
    json.writeBooleanProperty("router", RouterName.matches(record.name()));
    json.writeNumberProperty("rows", record.rows());
    json.writeNumberProperty("columns", record.columns());
    json.writeNumberProperty("offset", record.at());
    json.writeEndObject();
  }
}
