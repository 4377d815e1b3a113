package dev.witnessmark.report;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.Expectation;
import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.FloorUse;
import dev.witnessmark.compare.HistogramBin;
import dev.witnessmark.compare.RowChange;
import dev.witnessmark.compare.RowChanges;
import dev.witnessmark.compare.Side;
import dev.witnessmark.compare.Skipped;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code wmark-diff-v1}; its schema is the resource {@code wmark-diff-v1.schema.json}.
 */
public final class DiffJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-diff-v1";

  private final JsonGenerator json;

  private DiffJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(DiffResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new DiffJson(json).document(result);
      json.writeRaw('\n');
    }
  }

  private void document(DiffResult result) {
    json.writeStartObject();
    Json.verdict(json, SCHEMA, result.verdict());
    json.writeName("skipped");
    json.writeStartArray();
    for (Skipped skipped : result.skipped()) {
      json.writeStartObject();
      json.writeStringProperty("name", skipped.name());
      json.writeStringProperty("reason", skipped.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberProperty("excluded", result.excluded());
    checkpoint("checkpointA", result.a());
    checkpoint("checkpointB", result.b());
    json.writeName("tensors");
    json.writeStartArray();
    result.tensors().forEach(this::tensor);
    json.writeEndArray();
    json.writeName("expectation");
    expectation(result.expectation());
    RunRecordJson.write(json, result.run());
    json.writeEndObject();
  }

  private void checkpoint(String name, DiffResult.Compared checkpoint) {
    json.writeName(name);
    json.writeStartObject();
    json.writeStringProperty("name", checkpoint.name());
    json.writeStringProperty("format", checkpoint.format());
    json.writeStringProperty("architecture", checkpoint.architecture());
    json.writeNumberProperty("blocks", checkpoint.blocks());
    json.writeNumberProperty("tensors", checkpoint.tensors());
    json.writeNumberProperty("parameters", checkpoint.parameters());
    Json.texts(json, "types", checkpoint.types());
    json.writeEndObject();
  }

  private void tensor(TensorDifference tensor) {
    json.writeStartObject();
    Json.text(json, "a", tensor.a() == null ? null : tensor.a().name());
    Json.text(json, "b", tensor.b() == null ? null : tensor.b().name());
    identity(tensor.identity());
    json.writeBooleanProperty("guessed", tensor.guessed());
    json.writeStringProperty("status", tensor.status().label());
    json.writeStringProperty("basis", tensor.basis());
    side("A", tensor.a());
    side("B", tensor.b());
    Json.texts(json, "views", tensor.views());
    Json.text(json, "diagnosis", tensor.diagnosis());
    ValueDifference difference = tensor.difference();
    if (difference != null) {
      values(difference);
    }
    json.writeEndObject();
  }

  private void identity(TensorIdentity identity) {
    json.writeStringProperty("role", identity.role().label());
    Json.whole(json, "block", identity.block() < 0 ? null : (long) identity.block());
    Json.whole(json, "expert", identity.expert() < 0 ? null : (long) identity.expert());
  }

  private void side(String suffix, @Nullable Side side) {
    if (side == null) {
      return;
    }
    json.writeStringProperty("type" + suffix, side.type().name());
    json.writeName("shape" + suffix);
    json.writeStartArray();
    side.shape().forEach(json::writeNumber);
    json.writeEndArray();
  }

  private void values(ValueDifference difference) {
    json.writeNumberProperty("values", difference.values());
    json.writeNumberProperty("equal", difference.equal());
    json.writeNumberProperty("signedZeros", difference.signedZeros());
    json.writeNumberProperty("outOfRange", difference.outOfRange());
    Json.whole(json, "nanBoth", difference.nanBoth());
    json.writeNumberProperty("nanOnlyA", difference.nanOnlyA());
    json.writeNumberProperty("nanOnlyB", difference.nanOnlyB());
    Json.whole(json, "infBoth", difference.infBoth());
    json.writeNumberProperty("infOnlyA", difference.infOnlyA());
    json.writeNumberProperty("infOnlyB", difference.infOnlyB());
    Extreme max = difference.max();
    Json.number(json, "maxAbs", max == null ? 0.0 : Math.abs(max.delta()));
    Json.whole(json, "maxAbsIndex", max == null ? null : max.index());
    Json.number(json, "mean", difference.mean());
    Json.number(json, "rms", difference.rms());
    Json.number(json, "relative", difference.relative());
    Json.number(json, "cosine", difference.cosine());
    Json.number(json, "normA", difference.normA());
    Json.number(json, "normB", difference.normB());
    json.writeName("top");
    json.writeStartArray();
    for (Extreme extreme : difference.top()) {
      json.writeStartObject();
      json.writeNumberProperty("index", extreme.index());
      json.writeNumberProperty("row", extreme.row());
      json.writeNumberProperty("column", extreme.column());
      Json.number(json, "a", extreme.a());
      Json.number(json, "b", extreme.b());
      Json.number(json, "delta", extreme.delta());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeName("histogram");
    json.writeStartArray();
    for (HistogramBin bin : difference.histogram()) {
      json.writeStartObject();
      Json.number(json, "upTo", bin.upTo());
      json.writeNumberProperty("count", bin.count());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeName("rows");
    rows(difference.rows());
    json.writeName("budget");
    floor(difference.floor());
  }

  private void rows(@Nullable RowChanges rows) {
    if (rows == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeNumberProperty("rows", rows.rows());
    json.writeNumberProperty("moved", rows.moved());
    json.writeName("most");
    json.writeStartArray();
    for (RowChange row : rows.most()) {
      json.writeStartObject();
      json.writeNumberProperty("row", row.row());
      Json.number(json, "relative", Double.isNaN(row.relative()) ? null : row.relative());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void floor(@Nullable FloorUse floor) {
    if (floor == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeNumberProperty("within", floor.within());
    json.writeNumberProperty("beyond", floor.beyond());
    Json.number(json, "energyWithin", floor.energyWithin());
    Json.number(json, "used", floor.used());
    Json.whole(json, "usedIndex", floor.usedIndex());
    json.writeEndObject();
  }

  private void expectation(@Nullable Expectation expectation) {
    if (expectation == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("adapter", expectation.adapter());
    json.writeName("tensors");
    json.writeStartArray();
    for (Expectation.ExpectedTensor tensor : expectation.tensors()) {
      json.writeStartObject();
      json.writeStringProperty("name", tensor.name());
      identity(tensor.identity());
      json.writeBooleanProperty("met", tensor.met());
      json.writeNumberProperty("values", tensor.values());
      json.writeNumberProperty("rank", tensor.rank());
      Json.number(json, "updateNorm", tensor.updateNorm());
      Json.number(json, "updateRelative", tensor.updateRelative());
      Json.number(json, "residual", tensor.residual());
      Json.number(json, "alignment", tensor.alignment());
      json.writeNumberProperty("lost", tensor.lost());
      Json.number(json, "lostShare", tensor.lostShare());
      Json.number(json, "lostEnergy", tensor.lostEnergy());
      Json.whole(json, "beyond", tensor.beyond());
      Json.number(json, "used", tensor.used());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
