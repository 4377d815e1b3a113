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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
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
    texts("skipped", result.skipped());
    optional("a", Optional.of(result.a()), this::side);
    optional("b", Optional.of(result.b()), this::side);
    optional("truth", result.truth(), this::side);
    json.writeNumberProperty("positions", result.positions());
    texts("notes", result.notes());
    optional("logits", result.logits(), this::logits);
    json.writeName("stages");
    json.writeStartArray();
    result.stages().forEach(stage -> stage(result, stage));
    json.writeEndArray();
    optional("firstDivergence", result.first(), this::divergence);
    json.writeName("grafts");
    json.writeStartArray();
    result.grafts().forEach(this::graft);
    json.writeEndArray();
    Json.number(json, "smallestTolerance", result.smallestTolerance());
    RunRecordJson.write(json, result.run());
    json.writeEndObject();
  }

  private void texts(String name, List<String> texts) {
    json.writeName(name);
    json.writeStartArray();
    texts.forEach(json::writeString);
    json.writeEndArray();
  }

  /** An object, or null. */
  private <T> void optional(String name, Optional<T> value, Consumer<T> fields) {
    json.writeName(name);
    if (value.isEmpty()) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    fields.accept(value.get());
    json.writeEndObject();
  }

  private void side(CompareResult.Described side) {
    json.writeStringProperty("path", side.path());
    json.writeStringProperty("computed", side.computed());
  }

  private void logits(LogitsMetrics logits) {
    json.writeBooleanProperty("sameBits", logits.same());
    json.writeNumberProperty("topA", logits.top());
    json.writeNumberProperty("topB", logits.otherTop());
    json.writeStringProperty("choice", logits.choice().name().toLowerCase(Locale.ROOT));
    Json.number(json, "margin", logits.margin());
    Json.number(json, "noise", logits.noise());
    Json.number(json, "marginSigmas", logits.sigmas());
    Json.number(json, "largest", logits.largest());
    Json.number(json, "cosine", logits.cosine());
    json.writeNumberProperty("commonOfFive", logits.common());
  }

  private void stage(CompareResult result, StageComparison stage) {
    json.writeStartObject();
    json.writeStringProperty("stage", stage.key().name());
    json.writeBooleanProperty("sameBits", stage.sameBits());
    metrics(stage.metrics());
    position(result, stage, "leastCosinePosition", stage.metrics().leastCosineRow());
    position(result, stage, "largestPosition", stage.metrics().worstRow());
    optional("aAgainstTruth", stage.truth().map(StageComparison.Truth::a), this::metrics);
    optional("bAgainstTruth", stage.truth().map(StageComparison.Truth::b), this::metrics);
    Json.text(json, "off", stage.truth().flatMap(StageComparison.Truth::off).orElse(null));
    optional("ownA", stage.ownA(), this::own);
    optional("ownB", stage.ownB(), this::own);
    Json.number(json, "inherited", stage.inherited());
    Json.number(json, "added", stage.added());
    texts("remarks", stage.remarks());
    json.writeEndObject();
  }

  private void position(CompareResult result, StageComparison stage, String name, int row) {
    Json.whole(json, name, row < 0 ? null : Long.valueOf(result.position(stage.key(), row)));
  }

  private void metrics(StageMetrics metrics) {
    json.writeNumberProperty("elements", metrics.elements());
    json.writeNumberProperty("differing", metrics.differing());
    json.writeNumberProperty("notFinite", metrics.notFinite());
    Json.number(json, "leastCosine", metrics.leastCosine());
    Json.number(json, "largest", metrics.largest());
    json.writeNumberProperty("largestAt", metrics.largestAt());
    Json.number(json, "largestOverRms", metrics.scaled());
    Json.number(json, "rms", metrics.rms());
    Json.number(json, "relative", metrics.relative());
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
