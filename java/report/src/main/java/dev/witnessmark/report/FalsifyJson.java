package dev.witnessmark.report;

import dev.witnessmark.falsify.ExperimentResult;
import dev.witnessmark.falsify.FalsifyResult;
import dev.witnessmark.falsify.Figure;
import dev.witnessmark.falsify.JudgedClaim;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Reference;
import dev.witnessmark.falsify.TrialResult;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code wmark-falsify-v1}; its schema is the resource {@code
 * wmark-falsify-v1.schema.json}.
 */
public final class FalsifyJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-falsify-v1";

  private final JsonGenerator json;

  private FalsifyJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(FalsifyResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new FalsifyJson(json).document(result);
      json.writeRaw('\n');
    }
  }

  private void document(FalsifyResult result) {
    json.writeStartObject();
    Json.verdict(json, SCHEMA, result.verdict());
    json.writeNumberProperty("numericsContract", result.contract());
    json.writeStringProperty("oracle", result.oracle());
    json.writeStringProperty("device", result.device());
    Json.array(json, "experiments", result.experiments(), this::experiment);
    RunRecordJson.write(json, result.run());
    json.writeEndObject();
  }

  private void experiment(ExperimentResult result) {
    json.writeStartObject();
    json.writeStringProperty("number", result.experiment().number());
    json.writeStringProperty("title", result.experiment().title());
    json.writeStringProperty("question", result.experiment().question());
    json.writeStringProperty("setUp", result.experiment().setUp());
    json.writeBooleanProperty("agrees", result.agrees());
    Json.array(json, "figures", result.figures(), this::figure);
    Json.array(json, "kernels", result.trials(), this::trial);
    Json.array(json, "claims", result.claims(), this::claim);
    Json.texts(json, "notShown", result.experiment().notShown());
    json.writeEndObject();
  }

  private void figure(Figure figure) {
    json.writeStartObject();
    json.writeStringProperty("name", figure.name());
    json.writeStringProperty("measured", figure.measured());
    Json.array(json, "values", figure.values(), this::number);
    reference(figure.reference());
    json.writeBooleanProperty("agrees", figure.agrees());
    json.writeEndObject();
  }

  private void trial(TrialResult trial) {
    json.writeStartObject();
    json.writeStringProperty("name", trial.name());
    json.writeNumberProperty("elements", trial.elements());
    json.writeStringProperty("oracle", trial.oracle());
    json.writeStringProperty("device", trial.device());
    json.writeNumberProperty("differing", trial.differing());
    Json.whole(
        json, "firstDiffering", trial.differing() == 0 ? null : (long) trial.firstDiffering());
    reference(trial.reference());
    json.writeBooleanProperty("agrees", trial.agrees());
    json.writeEndObject();
  }

  private void claim(JudgedClaim claim) {
    Outcome published = claim.published();
    json.writeStartObject();
    FindingJson.write(json, claim.finding());
    Json.text(json, "published", published == null ? null : published.label());
    json.writeStringProperty("expected", claim.expected().label());
    json.writeStringProperty("meaning", claim.meaning());
    json.writeEndObject();
  }

  private void reference(@Nullable Reference reference) {
    json.writeName("reference");
    if (reference == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("text", reference.text());
    json.writeStringProperty("source", reference.source().label());
    json.writeEndObject();
  }

  private void number(double value) {
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeString(Double.toString(value));
    }
  }
}
