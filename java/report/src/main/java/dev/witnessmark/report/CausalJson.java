package dev.witnessmark.report;

import dev.witnessmark.causal.CausalStudy;
import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.Ladder;
import dev.witnessmark.causal.diff.RevisedTruths;
import dev.witnessmark.causal.diff.Scaffold;
import dev.witnessmark.causal.diff.ScaffoldBlock;
import dev.witnessmark.causal.diff.Shift;
import dev.witnessmark.causal.diff.TensorShift;
import dev.witnessmark.causal.diff.UnequalTensor;
import dev.witnessmark.causal.diff.UnrelatedRows;
import dev.witnessmark.causal.quality.Beliefs;
import dev.witnessmark.causal.quality.QualityMap;
import dev.witnessmark.causal.quality.VolatilityMap;
import dev.witnessmark.causal.trace.RowTrace;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code wmark-causal-v1}; its schema is the resource {@code
 * wmark-causal-v1.schema.json}. The first diff is at the top; where there are several, all of them
 * are in {@code diffs}.
 */
public final class CausalJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-causal-v1";

  private final JsonGenerator json;

  private CausalJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code study} to {@code out}, which stays open. */
  public static void write(CausalStudy study, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new CausalJson(json).document(study);
      json.writeRaw('\n');
    }
  }

  private void document(CausalStudy study) {
    json.writeStartObject();
    Json.verdict(json, SCHEMA, study.verdict());
    diff(study.diffs().getFirst());
    json.writeName("revision");
    json.writeStartObject();
    revision("inOrder", study.inOrder());
    revision("pooled", study.pooled());
    json.writeEndObject();
    Json.array(
        json,
        "diffs",
        study.diffs(),
        diff -> {
          json.writeStartObject();
          diff(diff);
          json.writeEndObject();
        });
    Json.optional(json, "quality", study.quality(), this::quality);
    Json.optional(json, "volatility", study.volatility(), this::volatility);
    Json.optional(json, "beliefs", study.beliefs(), this::beliefs);
    Json.optional(json, "trace", study.trace(), this::trace);
    RunRecordJson.write(json, study.run());
    json.writeEndObject();
  }

  private void diff(CausalResult diff) {
    json.writeStringProperty("base", diff.base());
    json.writeStringProperty("tuned", diff.tuned());
    json.writeStringProperty("measure", diff.measure().label());
    json.writeName("threshold");
    json.writeStartObject();
    json.writeNumberProperty("value", diff.threshold().value());
    json.writeBooleanProperty("inUnitsOfNull", diff.threshold().inUnitsOfNull());
    json.writeEndObject();
    Json.texts(json, "incomplete", diff.incomplete());
    Json.texts(json, "notices", diff.notices());
    Json.texts(json, "onlyInBase", diff.onlyInBase());
    Json.texts(json, "onlyInTuned", diff.onlyInTuned());
    Json.array(json, "unequal", diff.unequal(), this::unequal);
    json.writeNumberProperty("tensorsCompared", diff.tensors().size());
    json.writeName("total");
    json.writeStartObject();
    shift(diff.total());
    json.writeEndObject();
    json.writeName("projections");
    json.writeStartObject();
    diff.projections()
        .forEach((projection, shift) -> {
          json.writeName(projection.label());
          json.writeStartObject();
          shift(shift.shift());
          Json.number(json, "runningMean", shift.mean());
          json.writeEndObject();
        });
    json.writeEndObject();
    json.writeName("heads");
    json.writeStartArray();
    diff.heads()
        .forEach((head, shift) -> {
          json.writeStartObject();
          json.writeNumberProperty("block", head.block());
          json.writeStringProperty("projection", head.projection().label());
          shift(shift);
          json.writeEndObject();
        });
    json.writeEndArray();
    scaffold(diff.scaffold());
    unrelated(diff);
    Json.array(json, "tensors", diff.tensors(), this::tensor);
  }

  private void unequal(UnequalTensor tensor) {
    json.writeStartObject();
    json.writeStringProperty("tensor", tensor.name());
    json.writeNumberProperty("rows", tensor.rows());
    json.writeNumberProperty("columns", tensor.columns());
    json.writeNumberProperty("tunedRows", tensor.tunedRows());
    json.writeNumberProperty("tunedColumns", tensor.tunedColumns());
    json.writeEndObject();
  }

  private void shift(Shift shift) {
    json.writeNumberProperty("shifted", shift.shifted());
    json.writeNumberProperty("rows", shift.rows());
    json.writeNumberProperty("ratio", shift.ratio());
    json.writeNumberProperty("unbounded", shift.unbounded());
    Json.number(json, "mean", shift.mean());
    Json.number(json, "meanOfShifted", shift.meanOfShifted());
    Json.number(json, "largest", shift.largest());
    known("nullMean", shift.meanOfNull());
    known("inUnitsOfNull", shift.inUnitsOfNull());
  }

  private void scaffold(Scaffold scaffold) {
    json.writeNumberProperty("scaffoldShare", scaffold.share());
    json.writeBooleanProperty("requireK", scaffold.requireK());
    Json.array(
        json,
        "scaffold",
        scaffold.blocks().stream().filter(ScaffoldBlock::scaffold).toList(),
        this::block);
    Json.array(json, "blocks", scaffold.blocks(), this::block);
  }

  private void block(ScaffoldBlock block) {
    json.writeStartObject();
    json.writeNumberProperty("block", block.block());
    share("q", block.q());
    share("k", block.k());
    share("o", block.o());
    json.writeBooleanProperty("scaffold", block.scaffold());
    json.writeEndObject();
  }

  private void unrelated(CausalResult diff) {
    json.writeName("null");
    json.writeStartObject();
    json.writeStringProperty(
        "what", "distance of random pairs of different rows of one tensor of the base");
    json.writeNumberProperty(
        "pairs", diff.tensors().stream().mapToLong(each -> each.unrelated().pairs()).sum());
    json.writeNumberProperty("rows", diff.total().rowsWithNull());
    known("mean", diff.total().meanOfNull());
    json.writeNumberProperty("blindRows", diff.blindRows());
    json.writeName("thresholds");
    json.writeStartArray();
    Ladder ladder = diff.total().beyondNull();
    for (int i = 0; i < UnrelatedRows.FRACTIONS.size(); i++) {
      json.writeStartObject();
      json.writeNumberProperty("inUnitsOfNull", UnrelatedRows.FRACTIONS.get(i));
      json.writeNumberProperty("rows", ladder.counts().get(i));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void tensor(TensorShift tensor) {
    json.writeStartObject();
    json.writeStringProperty("tensor", tensor.tensor().name());
    json.writeStringProperty("tunedTensor", tensor.tensor().tunedName());
    OptionalLong block = tensor.tensor().block();
    Json.whole(json, "block", block.isPresent() ? block.getAsLong() : null);
    json.writeStringProperty("projection", tensor.tensor().projection().label());
    json.writeStringProperty("layerType", tensor.tensor().layerType().label());
    json.writeNumberProperty("columns", tensor.tensor().columns());
    shift(tensor.shift());
    Json.number(
        json, "threshold", Double.isInfinite(tensor.threshold()) ? null : tensor.threshold());
    json.writeBooleanProperty("blind", tensor.blind());
    json.writeName("null");
    UnrelatedRows unrelated = tensor.unrelated();
    if (unrelated.known()) {
      json.writeStartObject();
      json.writeNumberProperty("pairs", unrelated.pairs());
      json.writeNumberProperty("mean", unrelated.mean());
      json.writeNumberProperty("median", unrelated.median());
      json.writeNumberProperty("smallest", unrelated.smallest());
      json.writeNumberProperty("largest", unrelated.largest());
      json.writeEndObject();
    } else {
      json.writeNull();
    }
    json.writeEndObject();
  }

  private void revision(String name, RevisedTruths revision) {
    json.writeName(name);
    json.writeStartObject();
    revision
        .byProjection()
        .forEach((projection, truth) -> {
          json.writeName(projection.label());
          json.writeStartObject();
          truth(truth);
          json.writeStringProperty("label", RevisedTruths.label(truth));
          json.writeEndObject();
        });
    json.writeEndObject();
  }

  private void truth(Truth truth) {
    json.writeNumberProperty("frequency", truth.frequency());
    json.writeNumberProperty("confidence", truth.confidence());
  }

  private void quality(QualityMap quality) {
    Json.array(
        json,
        "heads",
        quality.heads(),
        head -> {
          json.writeStartObject();
          json.writeNumberProperty("block", head.head().block());
          json.writeStringProperty("projection", head.head().projection().label());
          json.writeStringProperty("quality", head.quality().name());
          truth(head.truth());
          json.writeEndObject();
        });
  }

  private void volatility(VolatilityMap volatility) {
    json.writeName("scaffold");
    json.writeStartArray();
    volatility.scaffold().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeName("scaleInvariant");
    json.writeStartArray();
    volatility.scaleInvariant().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeName("heads");
    json.writeStartArray();
    volatility
        .truths()
        .forEach((head, truth) -> {
          json.writeStartObject();
          json.writeNumberProperty("block", head.block());
          json.writeStringProperty("projection", head.projection().label());
          truth(truth);
          json.writeEndObject();
        });
    json.writeEndArray();
  }

  private void beliefs(Beliefs beliefs) {
    Json.array(
        json,
        "heads",
        beliefs.heads(),
        head -> {
          json.writeStartObject();
          json.writeNumberProperty("block", head.head().block());
          json.writeStringProperty("projection", head.head().projection().label());
          json.writeStringProperty("quality", head.quality().name());
          truth(head.truth());
          json.writeNumberProperty("rounds", head.rounds());
          json.writeStringProperty("action", head.action().name());
          json.writeEndObject();
        });
  }

  private void trace(RowTrace trace) {
    json.writeStringProperty("tensor", trace.tensor());
    json.writeNumberProperty("row", trace.row());
    json.writeNumberProperty("candidates", trace.candidates());
    json.writeBooleanProperty("revisit", trace.revisit());
    Json.array(
        json,
        "steps",
        trace.steps(),
        step -> {
          json.writeStartObject();
          json.writeStringProperty("tensor", step.edge().tensor());
          json.writeNumberProperty("row", step.edge().row());
          json.writeNumberProperty("distance", step.step().distance());
          truth(step.step().truth());
          json.writeEndObject();
        });
  }

  private void known(String name, double value) {
    Json.number(json, name, Double.isNaN(value) ? null : value);
  }

  private void share(String name, OptionalDouble share) {
    Json.number(json, name, share.isPresent() ? share.getAsDouble() : null);
  }
}
