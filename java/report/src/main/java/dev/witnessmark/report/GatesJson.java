package dev.witnessmark.report;

import dev.witnessmark.causal.gate.CrossReference;
import dev.witnessmark.causal.gate.ExpertGroup;
import dev.witnessmark.causal.gate.GateStudy;
import dev.witnessmark.causal.gate.GateTopology;
import dev.witnessmark.causal.gate.RoutedBlock;
import dev.witnessmark.causal.gate.UnrelatedExperts;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.OptionalDouble;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code wmark-gates-v1}; its schema is the resource {@code
 * wmark-gates-v1.schema.json}.
 */
public final class GatesJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-gates-v1";

  private final JsonGenerator json;

  private GatesJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code study} to {@code out}, which stays open. */
  public static void write(GateStudy study, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new GatesJson(json).document(study);
      json.writeRaw('\n');
    }
  }

  private void document(GateStudy study) {
    json.writeStartObject();
    Json.verdict(json, SCHEMA, study.verdict());
    Json.array(json, "models", study.models(), this::model);
    Json.array(json, "crossReferences", study.crossReferences(), this::crossReference);
    RunRecordJson.write(json, study.run());
    json.writeEndObject();
  }

  private void model(GateTopology gates) {
    json.writeStartObject();
    json.writeStringProperty("model", gates.model());
    json.writeNumberProperty("threshold", gates.threshold());
    json.writeBooleanProperty("blind", gates.blind());
    Json.texts(json, "incomplete", gates.incomplete());
    Json.texts(json, "notices", gates.notices());
    json.writeName("null");
    UnrelatedExperts unrelated = gates.unrelated();
    if (unrelated.known()) {
      json.writeStartObject();
      json.writeStringProperty("what", "distance of random pairs of experts of different blocks");
      json.writeNumberProperty("pairs", unrelated.pairs());
      json.writeNumberProperty("mean", unrelated.mean());
      json.writeNumberProperty("near", unrelated.near());
      json.writeNumberProperty("smallest", unrelated.smallest());
      json.writeNumberProperty("largest", unrelated.largest());
      json.writeEndObject();
    } else {
      json.writeNull();
    }
    json.writeNumberProperty("pairs", gates.pairs());
    json.writeNumberProperty("redundantPairs", gates.redundantPairs());
    json.writeNumberProperty("frequency", gates.truth().frequency());
    json.writeNumberProperty("confidence", gates.truth().confidence());
    Json.array(json, "blocks", gates.blocks(), this::block);
    json.writeEndObject();
  }

  private void block(RoutedBlock block) {
    json.writeStartObject();
    Json.whole(json, "block", block.block().isPresent() ? block.block().getAsLong() : null);
    Json.texts(json, "routers", block.routers());
    json.writeNumberProperty("experts", block.experts());
    json.writeNumberProperty("pairs", block.pairs());
    json.writeNumberProperty("redundantPairs", block.redundantPairs());
    json.writeNumberProperty("redundantShare", block.redundantShare());
    json.writeNumberProperty("nearPairs", block.nearPairs());
    json.writeNumberProperty("nearestPairs", block.nearestPairs());
    json.writeNumberProperty("meanDistance", block.meanDistance());
    json.writeNumberProperty("smallestDistance", block.smallestDistance());
    json.writeStringProperty("redundancy", block.redundancy().label());
    Json.array(json, "groups", block.groups(), this::group);
    json.writeEndObject();
  }

  private void group(ExpertGroup group) {
    json.writeStartArray();
    group.experts().forEach(json::writeNumber);
    json.writeEndArray();
  }

  private void crossReference(CrossReference cross) {
    json.writeStartObject();
    json.writeStringProperty("scaffoldModel", cross.scaffoldModel());
    json.writeStringProperty("gateModel", cross.gateModel());
    json.writeBooleanProperty("sameArchitecture", cross.sameArchitecture());
    json.writeStringProperty("verdict", cross.verdict());
    Json.array(
        json,
        "blocks",
        cross.entries(),
        entry -> {
          json.writeStartObject();
          json.writeNumberProperty("block", entry.block());
          OptionalDouble redundancy = entry.redundancy();
          Json.number(json, "redundancy", redundancy.isPresent() ? redundancy.getAsDouble() : null);
          json.writeBooleanProperty("routingDominated", entry.routingDominated());
          Json.text(json, "judged", entry.router().map(r -> r.redundancy().label()).orElse(null));
          json.writeEndObject();
        });
    json.writeEndObject();
  }
}
