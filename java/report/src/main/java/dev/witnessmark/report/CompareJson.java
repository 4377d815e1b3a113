package dev.witnessmark.report;

import dev.witnessmark.parity.compare.CompareResult;
import dev.witnessmark.parity.compare.Divergence;
import dev.witnessmark.parity.compare.GraftOutcome;
import dev.witnessmark.parity.compare.OwnError;
import dev.witnessmark.parity.compare.StageComparison;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/** Two captures side by side for machines: {@code wmark-compare-v1}. */
public final class CompareJson {

  private final JsonGenerator json;

  private CompareJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes one document. */
  public static void write(CompareResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new CompareJson(json).document(result);
      json.writeRaw('\n');
    }
  }

  private void document(CompareResult result) {
    json.writeStartObject();
    Json.verdict(json, "wmark-compare-v1", result.verdict());
    Json.texts(json, "skipped", result.skipped());
    Json.optional(json, "a", Optional.of(result.a()), this::side);
    Json.optional(json, "b", Optional.of(result.b()), this::side);
    Json.optional(json, "truth", result.truth(), this::side);
    json.writeNumberProperty("positions", result.positions());
    Json.texts(json, "notes", result.notes());
    Json.optional(json, "logits", result.logits(), this::logits);
    Json.array(json, "stages", result.stages(), stage -> stage(result, stage));
    Json.optional(json, "firstDivergence", result.first(), this::divergence);
    Json.array(json, "grafts", result.grafts(), this::graft);
    Json.number(json, "smallestTolerance", result.smallestTolerance());
    RunRecordJson.write(json, result.run());
    json.writeEndObject();
  }

  private void side(CompareResult.Described side) {
    json.writeStringProperty("path", side.path());
    json.writeStringProperty("computed", side.computed());
  }

  private void logits(LogitsMetrics logits) {
    MeasureJson.logits(json, logits, "topA", "topB");
  }

  private void stage(CompareResult result, StageComparison stage) {
    json.writeStartObject();
    json.writeStringProperty("stage", stage.key().name());
    json.writeBooleanProperty("sameBits", stage.sameBits());
    metrics(stage.metrics());
    position(result, stage, "leastCosinePosition", stage.metrics().leastCosineRow());
    position(result, stage, "largestPosition", stage.metrics().worstRow());
    Json.optional(
        json, "aAgainstTruth", stage.truth().map(StageComparison.Truth::a), this::metrics);
    Json.optional(
        json, "bAgainstTruth", stage.truth().map(StageComparison.Truth::b), this::metrics);
    Json.text(json, "off", stage.truth().flatMap(StageComparison.Truth::off).orElse(null));
    Json.optional(json, "ownA", stage.ownA(), this::own);
    Json.optional(json, "ownB", stage.ownB(), this::own);
    Json.number(json, "inherited", stage.inherited());
    Json.number(json, "added", stage.added());
    Json.texts(json, "remarks", stage.remarks());
    json.writeEndObject();
  }

  private void position(CompareResult result, StageComparison stage, String name, int row) {
    Json.whole(json, name, row < 0 ? null : Long.valueOf(result.position(stage.key(), row)));
  }

  private void metrics(StageMetrics metrics) {
    MeasureJson.stage(json, metrics);
    Json.number(json, "signalToNoise", metrics.signalToNoise());
  }

  private void own(OwnError own) {
    metrics(own.error());
    Json.number(json, "budgetUsed", own.budget().used());
    json.writeNumberProperty("budgetUsedAt", own.budget().index());
    json.writeStringProperty("basis", own.budget().basis());
  }

  private void divergence(Divergence first) {
    json.writeStringProperty("stage", first.key().name());
    json.writeStringProperty("side", first.side());
    json.writeStringProperty("why", first.why());
  }

  private void graft(GraftOutcome graft) {
    json.writeStartObject();
    json.writeStringProperty("stage", graft.at().name());
    json.writeStringProperty("from", graft.from());
    json.writeBooleanProperty("sameBits", graft.same());
    Json.number(json, "distance", graft.distance());
    Json.number(json, "before", graft.before());
    json.writeEndObject();
  }
}
