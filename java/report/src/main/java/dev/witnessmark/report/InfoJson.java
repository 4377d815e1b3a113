package dev.witnessmark.report;

import dev.witnessmark.compare.inspect.InspectedTensor;
import dev.witnessmark.compare.inspect.Inspection;
import dev.witnessmark.compare.inspect.TensorInspector;
import dev.witnessmark.compare.inspect.TensorSummary;
import dev.witnessmark.format.AffineCode;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.TensorIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** Documents {@code wmark-info-v1}: one object per file, each on one line. */
public final class InfoJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-info-v1";

  private InfoJson() {}

  /** Writes the line of a file that was read. */
  public static void write(String path, Inspection inspection, OutputStream out) {
    try (JsonGenerator json = Json.line(out)) {
      json.writeStartObject();
      json.writeStringProperty("schema", SCHEMA);
      json.writeStringProperty("path", path);
      json.writeStringProperty("status", "ok");
      json.writeStringProperty("format", inspection.checkpoint().format().label());
      json.writeStringProperty("formatVersion", inspection.checkpoint().formatVersion());
      json.writeStringProperty("architecture", inspection.model().architecture());
      json.writeNumberProperty("blocks", inspection.model().blocks());
      json.writeNumberProperty("parameters", inspection.model().parameters());
      json.writeNumberProperty("bytes", inspection.fileBytes());
      json.writeBooleanProperty("tiedHead", inspection.model().tiedHead());
      Json.texts(json, "notes", inspection.checkpoint().notes());
      json.writeName("metadata");
      json.writeStartObject();
      for (Map.Entry<String, MetadataValue> entry :
          inspection.checkpoint().metadata().entries().entrySet()) {
        json.writeName(entry.getKey());
        value(json, entry.getValue());
      }
      json.writeEndObject();
      json.writeName("tensors");
      json.writeStartArray();
      inspection.tensors().forEach(tensor -> tensor(json, tensor));
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  /**
   * Writes the line of a file that was refused or could not be read.
   *
   * @param message what to tell the user about {@code failure}
   */
  public static void writeRefused(
      String path, IOException failure, String message, OutputStream out) {
    try (JsonGenerator json = Json.line(out)) {
      json.writeStartObject();
      json.writeStringProperty("schema", SCHEMA);
      json.writeStringProperty("path", path);
      json.writeStringProperty("status", "refused");
      json.writeName("error");
      json.writeStartObject();
      Refusal refusal = failure instanceof Refusal r ? r : null;
      json.writeStringProperty("kind", refusal == null ? "unreadable" : refusal.kind());
      json.writeStringProperty("message", message);
      Json.whole(json, "offset", refusal == null || refusal.offset() < 0 ? null : refusal.offset());
      json.writeEndObject();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void value(JsonGenerator json, MetadataValue value) {
    switch (value) {
      case MetadataValue.Text(String text) -> json.writeString(text);
      case MetadataValue.Whole(var number) -> json.writeNumber(number);
      case MetadataValue.Real(double number) -> {
        if (Double.isFinite(number)) {
          json.writeNumber(number);
        } else {
          json.writeString(Double.toString(number));
        }
      }
      case MetadataValue.Flag(boolean flag) -> json.writeBoolean(flag);
      case MetadataValue.Sequence sequence -> {
        json.writeStartObject();
        json.writeStringProperty("elementType", sequence.elementType());
        json.writeNumberProperty("count", sequence.count());
        json.writeName("head");
        json.writeStartArray();
        sequence.head().forEach(element -> value(json, element));
        json.writeEndArray();
        json.writeEndObject();
      }
    }
  }

  private static void tensor(JsonGenerator json, InspectedTensor inspected) {
    TensorView view = inspected.tensor().view();
    TensorIdentity identity = inspected.tensor().identity();
    json.writeStartObject();
    json.writeStringProperty("name", view.name());
    if (!view.name().equals(view.storedName())) {
      json.writeStringProperty("storedName", view.storedName());
    }
    json.writeStringProperty("role", identity.role().label());
    Json.whole(json, "block", identity.block() < 0 ? null : (long) identity.block());
    Json.whole(json, "expert", identity.expert() < 0 ? null : (long) identity.expert());
    json.writeBooleanProperty("guessed", inspected.tensor().guessed());
    json.writeStringProperty("type", view.type().name());
    json.writeName("shape");
    json.writeStartArray();
    for (long dimension : view.shape().toArray()) {
      json.writeNumber(dimension);
    }
    json.writeEndArray();
    json.writeStringProperty("file", view.source().name());
    json.writeNumberProperty("offset", view.offset());
    json.writeNumberProperty("bytes", view.bytes());
    if (view.order() == ByteOrder.BIG_ENDIAN) {
      json.writeStringProperty("byteOrder", "big-endian");
    }
    if (inspected.tensor().layout().transposed()) {
      json.writeBooleanProperty("transposed", true);
    }
    AffineCode affine = view.affine();
    if (affine != null) {
      json.writeStringProperty("code", affine.toString());
    }
    findings(json, inspected.findings());
    json.writeEndObject();
  }

  /** Writes what was found out of a tensor by reading it. */
  static void findings(JsonGenerator json, TensorInspector.Findings findings) {
    TensorSummary summary = findings.summary();
    if (summary != null) {
      json.writeName("statistics");
      json.writeStartObject();
      Json.number(json, "minimum", summary.minimum());
      Json.number(json, "maximum", summary.maximum());
      Json.number(json, "mean", summary.mean());
      Json.number(json, "rms", summary.rms());
      json.writeNumberProperty("zeros", summary.zeros());
      json.writeNumberProperty("nan", summary.nans());
      json.writeNumberProperty("infinite", summary.infinities());
      json.writeEndObject();
    }
    if (findings.sha256() != null) {
      json.writeStringProperty("sha256", findings.sha256());
    }
  }
}
