package dev.witnessmark.report;

import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.parity.measure.StageMetrics;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/** Distances of stages and logits: fields that documents have in common. */
final class MeasureJson {

  private MeasureJson() {}

  /** How far two stages are from each other. */
  static void stage(JsonGenerator json, StageMetrics metrics) {
    json.writeNumberProperty("elements", metrics.elements());
    json.writeNumberProperty("differing", metrics.differing());
    json.writeNumberProperty("notFinite", metrics.notFinite());
    Json.number(json, "largest", metrics.largest());
    json.writeNumberProperty("largestAt", metrics.largestAt());
    Json.number(json, "largestOverRms", metrics.scaled());
    Json.number(json, "rms", metrics.rms());
    Json.number(json, "relative", metrics.relative());
    Json.number(json, "leastCosine", metrics.leastCosine());
  }

  /**
   * What two sides think comes next.
   *
   * @param top name of the reference's most likely token
   * @param otherTop name of the other's
   */
  static void logits(JsonGenerator json, LogitsMetrics logits, String top, String otherTop) {
    json.writeBooleanProperty("sameBits", logits.same());
    json.writeNumberProperty(top, logits.top());
    json.writeNumberProperty(otherTop, logits.otherTop());
    json.writeStringProperty("choice", logits.choice().name().toLowerCase(Locale.ROOT));
    Json.number(json, "margin", logits.margin());
    Json.number(json, "noise", logits.noise());
    Json.number(json, "marginSigmas", logits.sigmas());
    Json.number(json, "largest", logits.largest());
    Json.number(json, "cosine", logits.cosine());
    json.writeNumberProperty("commonOfFive", logits.common());
  }
}
