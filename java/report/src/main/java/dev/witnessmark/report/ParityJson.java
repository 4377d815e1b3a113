package dev.witnessmark.report;

import dev.witnessmark.parity.check.Finding;
import dev.witnessmark.parity.check.ParityResult;
import dev.witnessmark.parity.check.PositionCheck;
import dev.witnessmark.parity.check.PromptCheck;
import dev.witnessmark.parity.check.RunCheck;
import dev.witnessmark.parity.check.StageFault;
import dev.witnessmark.parity.check.StandIn;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A parity check for machines: {@code wmark-parity-v1}. */
public final class ParityJson {

  private final JsonGenerator json;

  private ParityJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes one document. */
  public static void write(ParityResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new ParityJson(json).document(result);
      json.writeRaw('\n');
    }
  }

  private void document(ParityResult result) {
    json.writeStartObject();
    Json.verdict(json, "wmark-parity-v1", result.verdict());
    json.writeStringProperty("model", result.model());
    json.writeStringProperty("oracle", result.oracle());
    json.writeStringProperty("device", result.device());
    json.writeStringProperty("path", result.path());
    json.writeStringProperty("cache", result.cache());
    json.writeName("ownKernels");
    json.writeStartArray();
    for (StandIn own : result.ownKernels()) {
      json.writeStartObject();
      json.writeStringProperty("stage", own.stage().id());
      json.writeStringProperty("inPlaceOf", own.kernel());
      json.writeStringProperty("file", own.file().toString());
      json.writeStringProperty("name", own.name());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeName("prompts");
    json.writeStartArray();
    result.prompts().forEach(this::prompt);
    json.writeEndArray();
    json.writeName("findings");
    json.writeStartArray();
    for (Finding finding : result.findings()) {
      json.writeStartObject();
      json.writeStringProperty("kind", finding.kind().id());
      json.writeNumberProperty("prompt", finding.prompt());
      json.writeStringProperty("stage", finding.key().name());
      json.writeEndObject();
    }
    json.writeEndArray();
    RunRecordJson.write(json, result.run());
    json.writeEndObject();
  }

  private void prompt(PromptCheck prompt) {
    json.writeStartObject();
    json.writeName("prompt");
    if (prompt.text().isPresent()) {
      json.writeString(prompt.text().get());
    } else {
      json.writeNull();
    }
    int given = prompt.sequence().prompt();
    tokens("tokens", prompt.sequence().tokens().subList(0, given));
    tokens("oracleGenerated", prompt.sequence().generated());
    tokens("deviceGenerated", prompt.generated());
    json.writeName("runs");
    json.writeStartArray();
    prompt.runs().forEach(this::run);
    json.writeEndArray();
    json.writeName("unstable");
    place(prompt.unstable().orElse(null));
    json.writeName("notReproduced");
    place(prompt.notReproduced().orElse(null));
    json.writeNumberProperty("stagesJudged", prompt.judged());
    json.writeName("faults");
    json.writeStartArray();
    prompt.faults().forEach(this::fault);
    json.writeEndArray();
    json.writeName("graft");
    if (prompt.graft().isPresent()) {
      PromptCheck.GraftResult graft = prompt.graft().get();
      json.writeStartObject();
      json.writeName("stages");
      json.writeStartArray();
      graft.at().forEach(key -> json.writeString(key.name()));
      json.writeEndArray();
      json.writeBooleanProperty("recovered", graft.recovered());
      Json.number(json, "distance", graft.distance());
      Json.number(json, "before", graft.before());
      json.writeEndObject();
    } else {
      json.writeNull();
    }
    json.writeEndObject();
  }

  private void tokens(String name, List<Integer> tokens) {
    json.writeName(name);
    json.writeStartArray();
    tokens.forEach(json::writeNumber);
    json.writeEndArray();
  }

  private void run(RunCheck run) {
    json.writeStartObject();
    json.writeStringProperty("mode", run.mode().id());
    json.writeNumberProperty("repetition", run.repetition());
    json.writeNumberProperty("stages", run.stages());
    json.writeNumberProperty("differing", run.differing());
    json.writeName("first");
    place(run.first().orElse(null));
    json.writeName("positions");
    json.writeStartArray();
    run.positions().forEach(this::position);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void place(RunCheck.@Nullable Place place) {
    if (place == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("stage", place.key().name());
    json.writeNumberProperty("position", place.position());
    json.writeEndObject();
  }

  private void position(PositionCheck position) {
    LogitsMetrics logits = position.logits();
    json.writeStartObject();
    json.writeNumberProperty("position", position.position());
    json.writeBooleanProperty("decode", position.decode());
    json.writeBooleanProperty("sameBits", logits.same());
    json.writeNumberProperty("top", logits.top());
    json.writeNumberProperty("deviceTop", logits.otherTop());
    json.writeStringProperty("choice", logits.choice().name().toLowerCase(Locale.ROOT));
    Json.number(json, "margin", logits.margin());
    Json.number(json, "noise", logits.noise());
    Json.number(json, "marginSigmas", logits.sigmas());
    Json.number(json, "largest", logits.largest());
    Json.number(json, "cosine", logits.cosine());
    json.writeNumberProperty("commonOfFive", logits.common());
    json.writeEndObject();
  }

  private void fault(StageFault fault) {
    json.writeStartObject();
    json.writeStringProperty("stage", fault.key().name());
    json.writeName("deviceAgainstOracle");
    metrics(fault.device());
    json.writeName("oracleAgainstExact");
    metrics(fault.truth().oracle());
    json.writeName("deviceAgainstExact");
    metrics(fault.truth().device());
    json.writeName("budget");
    if (fault.budget().isPresent()) {
      json.writeStartObject();
      Json.number(json, "used", fault.budget().get().used());
      json.writeNumberProperty("index", fault.budget().get().index());
      json.writeNumberProperty("unlimited", fault.budget().get().unlimited());
      json.writeStringProperty("basis", fault.budget().get().basis());
      json.writeEndObject();
    } else {
      json.writeNull();
    }
    json.writeNumberProperty("index", fault.index());
    Json.number(json, "oracleValue", fault.oracleValue());
    Json.number(json, "deviceValue", fault.deviceValue());
    Json.number(json, "exactValue", fault.exactValue());
    json.writeName("remarks");
    json.writeStartArray();
    fault.remarks().forEach(json::writeString);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void metrics(StageMetrics metrics) {
    json.writeStartObject();
    json.writeNumberProperty("elements", metrics.elements());
    json.writeNumberProperty("differing", metrics.differing());
    json.writeNumberProperty("notFinite", metrics.notFinite());
    Json.number(json, "largest", metrics.largest());
    json.writeNumberProperty("largestAt", metrics.largestAt());
    Json.number(json, "largestOverRms", metrics.scaled());
    Json.number(json, "rms", metrics.rms());
    Json.number(json, "relative", metrics.relative());
    Json.number(json, "leastCosine", metrics.leastCosine());
    json.writeNumberProperty("leastCosineRow", metrics.leastCosineRow());
    json.writeEndObject();
  }
}
