package dev.witnessmark.report;

import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.check.Finding;
import dev.witnessmark.parity.check.ParityResult;
import dev.witnessmark.parity.check.PositionCheck;
import dev.witnessmark.parity.check.PromptCheck;
import dev.witnessmark.parity.check.RunCheck;
import dev.witnessmark.parity.check.StageFault;
import dev.witnessmark.parity.check.StandIn;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.List;
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
    Json.array(json, "ownKernels", result.ownKernels(), this::ownKernel);
    Json.array(json, "prompts", result.prompts(), this::prompt);
    Json.array(json, "findings", result.findings(), this::finding);
    RunRecordJson.write(json, result.run());
    json.writeEndObject();
  }

  private void ownKernel(StandIn own) {
    json.writeStartObject();
    json.writeStringProperty("stage", own.stage().id());
    json.writeStringProperty("inPlaceOf", own.kernel());
    json.writeStringProperty("file", own.file().toString());
    json.writeStringProperty("name", own.name());
    json.writeEndObject();
  }

  private void finding(Finding finding) {
    json.writeStartObject();
    json.writeStringProperty("kind", finding.kind().id());
    json.writeNumberProperty("prompt", finding.prompt());
    json.writeStringProperty("stage", finding.key().name());
    json.writeEndObject();
  }

  private void prompt(PromptCheck prompt) {
    json.writeStartObject();
    Json.text(json, "prompt", prompt.text().orElse(null));
    int given = prompt.sequence().prompt();
    tokens("tokens", prompt.sequence().tokens().subList(0, given));
    tokens("oracleGenerated", prompt.sequence().generated());
    tokens("deviceGenerated", prompt.generated());
    Json.array(json, "runs", prompt.runs(), this::run);
    Json.optional(json, "unstable", prompt.unstable(), this::place);
    Json.optional(json, "notReproduced", prompt.notReproduced(), this::place);
    json.writeNumberProperty("stagesJudged", prompt.judged());
    Json.array(json, "faults", prompt.faults(), this::fault);
    Json.optional(json, "graft", prompt.graft(), this::graft);
    json.writeEndObject();
  }

  private void graft(PromptCheck.GraftResult graft) {
    Json.texts(json, "stages", graft.at().stream().map(StageKey::name).toList());
    json.writeBooleanProperty("recovered", graft.recovered());
    Json.number(json, "distance", graft.distance());
    Json.number(json, "before", graft.before());
  }

  private void tokens(String name, List<Integer> tokens) {
    Json.array(json, name, tokens, json::writeNumber);
  }

  private void run(RunCheck run) {
    json.writeStartObject();
    json.writeStringProperty("mode", run.mode().id());
    json.writeNumberProperty("repetition", run.repetition());
    json.writeNumberProperty("stages", run.stages());
    json.writeNumberProperty("differing", run.differing());
    Json.optional(json, "first", run.first(), this::place);
    Json.array(json, "positions", run.positions(), this::position);
    json.writeEndObject();
  }

  private void place(RunCheck.Place place) {
    json.writeStringProperty("stage", place.key().name());
    json.writeNumberProperty("position", place.position());
  }

  private void position(PositionCheck position) {
    json.writeStartObject();
    json.writeNumberProperty("position", position.position());
    json.writeBooleanProperty("decode", position.decode());
    MeasureJson.logits(json, position.logits(), "top", "deviceTop");
    json.writeEndObject();
  }

  private void fault(StageFault fault) {
    json.writeStartObject();
    json.writeStringProperty("stage", fault.key().name());
    metrics("deviceAgainstOracle", fault.device());
    metrics("oracleAgainstExact", fault.truth().oracle());
    metrics("deviceAgainstExact", fault.truth().device());
    Json.optional(json, "budget", fault.budget(), this::budget);
    json.writeNumberProperty("index", fault.index());
    Json.number(json, "oracleValue", fault.oracleValue());
    Json.number(json, "deviceValue", fault.deviceValue());
    Json.number(json, "exactValue", fault.exactValue());
    Json.texts(json, "remarks", fault.remarks());
    json.writeEndObject();
  }

  private void budget(BudgetUse use) {
    Json.number(json, "used", use.used());
    json.writeNumberProperty("index", use.index());
    json.writeNumberProperty("unlimited", use.unlimited());
    json.writeStringProperty("basis", use.basis());
  }

  private void metrics(String name, StageMetrics metrics) {
    json.writeName(name);
    json.writeStartObject();
    MeasureJson.stage(json, metrics);
    json.writeNumberProperty("leastCosineRow", metrics.leastCosineRow());
    json.writeEndObject();
  }
}
