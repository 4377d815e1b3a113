package dev.witnessmark.report;

import dev.witnessmark.falsify.Control;
import dev.witnessmark.falsify.Finding;
import dev.witnessmark.falsify.Hypothesis;
import tools.jackson.core.JsonGenerator;

/** A finding in every document that has some. */
final class FindingJson {

  private FindingJson() {}

  /** Writes the members of a finding into the object that is open. */
  static void write(JsonGenerator json, Finding finding) {
    Hypothesis hypothesis = finding.hypothesis();
    json.writeStringProperty("claim", hypothesis.claim());
    json.writeStringProperty("outcome", finding.outcome().label());
    json.writeName("prediction");
    json.writeStartObject();
    json.writeStringProperty("quantity", hypothesis.quantity());
    json.writeStringProperty("bound", hypothesis.bound().sign());
    json.writeNumberProperty("limit", hypothesis.limit());
    json.writeStringProperty("basis", hypothesis.basis());
    json.writeEndObject();
    Json.number(json, "measured", finding.measured());
    json.writeName("control");
    finding.possibleControl().ifPresentOrElse(control -> control(json, control), json::writeNull);
  }

  private static void control(JsonGenerator json, Control control) {
    json.writeStartObject();
    json.writeStringProperty("change", control.change());
    Json.number(json, "measured", control.measured());
    json.writeEndObject();
  }
}
