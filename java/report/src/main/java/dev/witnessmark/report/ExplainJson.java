package dev.witnessmark.report;

import dev.witnessmark.explain.Bootstrap;
import dev.witnessmark.explain.ExplainOptions;
import dev.witnessmark.explain.ExplainResult;
import dev.witnessmark.explain.ExplainStudy;
import dev.witnessmark.explain.LabelRow;
import dev.witnessmark.explain.Rankings;
import dev.witnessmark.explain.Stability;
import dev.witnessmark.explain.Unavailable;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Null;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code wmark-explain-v1}; its schema is the resource {@code
 * wmark-explain-v1.schema.json}. The first fine-tune is at the top; where there are several, all of
 * them are in {@code results}.
 */
public final class ExplainJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-explain-v1";

  private static final List<Column<LabelRow>> LABEL =
      List.of(
          new Column<>("layer", LabelRow::layer),
          Column.number("participation_rank", LabelRow::participationRank),
          Column.number("leading_share", LabelRow::leadingShare),
          Column.number("mean_share", LabelRow::meanShare),
          Column.number("oracle_share", LabelRow::oracleShare));

  private static final List<Column<Bootstrap.Row>> BOOTSTRAP =
      List.of(
          new Column<>("subspace", row -> row.candidate().label()),
          new Column<>("axis_kind", row -> row.candidate().axis().label()),
          Column.number("conc_act_low", row -> row.activation().low()),
          Column.number("conc_act_high", row -> row.activation().high()),
          Column.number("joint_low", row -> row.joint().low()),
          Column.number("joint_high", row -> row.joint().high()),
          Column.number("first_share", Bootstrap.Row::firstShare),
          Column.number("place_low", row -> row.places().low()),
          Column.number("place_high", row -> row.places().high()));

  private static final List<Column<Stability.Row>> STABILITY =
      List.of(
          new Column<>("subspace", row -> row.candidate().label()),
          new Column<>("axis_kind", row -> row.candidate().axis().label()),
          Column.number("mean_place", Stability.Row::mean),
          new Column<>("best_place", Stability.Row::best),
          new Column<>("worst_place", Stability.Row::worst));

  private final JsonGenerator json;

  private ExplainJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code study} to {@code out}, which stays open. */
  public static void write(ExplainStudy study, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new ExplainJson(json).document(study);
      json.writeRaw('\n');
    }
  }

  private void document(ExplainStudy study) {
    json.writeStartObject();
    Json.verdict(json, SCHEMA, study.verdict());
    result(study.results().getFirst());
    Json.array(
        json,
        "results",
        study.results(),
        result -> {
          json.writeStartObject();
          result(result);
          json.writeEndObject();
        });
    Json.array(json, "bootstraps", study.bootstraps(), this::bootstrap);
    Json.optional(json, "stability", study.stability(), this::stability);
    RunRecordJson.write(json, study.run());
    json.writeEndObject();
  }

  private void result(ExplainResult result) {
    json.writeStringProperty("base", result.base());
    json.writeStringProperty("tuned", result.tuned());
    json.writeNumberProperty("width", result.width());
    json.writeNumberProperty("layers", result.layers());
    json.writeName("averaged");
    json.writeStartArray();
    result.averaged().forEach(json::writeNumber);
    json.writeEndArray();
    options(result.options());
    json.writeBooleanProperty("captures", result.captures().isPresent());
    json.writeNumberProperty("unchanged", result.unchanged());
    json.writeStringProperty("usability", result.usability().name());
    Column.json(json, "deltas", result.deltas(), ExplainColumns.DELTA);
    Column.json(json, "targets", result.targets(), ExplainColumns.TARGET);
    Column.json(json, "label", result.label(), LABEL);
    Column.json(json, "perLayer", result.rows(), ExplainColumns.LAYER);
    Column.json(json, "specific", result.rows(), ExplainColumns.SPECIFIC);
    Column.json(json, "summary", result.summary(), ExplainColumns.SUMMARY);
    Column.json(json, "scope", result.scope(), ExplainColumns.SCOPE);
    Column.json(json, "spectra", result.spectra(), ExplainColumns.SPECTRUM);
    rankings(result.rankings());
    Json.array(json, "unavailable", result.unavailable(), this::unavailable);
    Json.texts(json, "notes", result.notes());
    Json.texts(json, "conclusion", ExplainConclusion.of(result));
  }

  private void options(ExplainOptions options) {
    json.writeName("options");
    json.writeStartObject();
    json.writeNumberProperty("pcs", options.candidateWidth());
    json.writeNumberProperty("kBroad", options.broadWidth());
    switch (options.nulls()) {
      case Null.Mode.Exact exact -> json.writeStringProperty("nulls", "exact");
      case Null.Mode.Sampled sampled ->
          json.writeStringProperty(
              "nulls", "%d draws, seed %d".formatted(sampled.draws(), sampled.seed()));
    }
    json.writeStringProperty("heads", options.headwise() ? "whole heads" : "published");
    json.writeEndObject();
  }

  private void rankings(Rankings rankings) {
    json.writeName("rankings");
    json.writeStartObject();
    json.writeStringProperty("by", rankings.by());
    candidates("writeAndMixed", rankings.writeAndMixed());
    candidates("read", rankings.read());
    candidates("withoutScore", rankings.withoutScore());
    candidates("onBothAxes", rankings.onBothAxes());
    json.writeEndObject();
  }

  private void candidates(String name, List<Candidate> candidates) {
    Json.texts(json, name, candidates.stream().map(Candidate::label).toList());
  }

  private void unavailable(Unavailable unavailable) {
    json.writeStartObject();
    json.writeStringProperty("subspace", unavailable.candidate().label());
    json.writeStringProperty("reason", "there is no " + unavailable.reason());
    json.writeName("layers");
    json.writeStartArray();
    unavailable.layers().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void bootstrap(Bootstrap bootstrap) {
    json.writeStartObject();
    json.writeNumberProperty("draws", bootstrap.draws());
    json.writeNumberProperty("seed", bootstrap.seed());
    Column.json(json, "candidates", bootstrap.rows(), BOOTSTRAP);
    json.writeEndObject();
  }

  private void stability(Stability stability) {
    number("agreementOfWriting", stability.agreementOfWriting());
    number("agreementOfReading", stability.agreementOfReading());
    Column.json(json, "candidates", stability.rows(), STABILITY);
  }

  private void number(String name, double value) {
    Json.number(json, name, Double.isNaN(value) ? null : value);
  }
}
