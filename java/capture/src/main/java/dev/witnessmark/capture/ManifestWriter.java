package dev.witnessmark.capture;

import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.SparseLayers;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** Writes manifests, fields in a fixed order. */
final class ManifestWriter {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private final JsonGenerator json;

  private ManifestWriter(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code manifest} as UTF-8 to {@code out}, which stays open. */
  static void write(Manifest manifest, OutputStream out) {
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      new ManifestWriter(json).document(manifest);
      json.writeRaw('\n');
    }
  }

  private void document(Manifest manifest) {
    Provenance from = manifest.provenance();
    json.writeStartObject();
    json.writeStringProperty("schema", Manifest.SCHEMA);
    json.writeName("model");
    json.writeStartObject();
    json.writeStringProperty("path", from.model());
    RunRecordJson.writeInputs(json, "files", from.modelFiles());
    hyperparameters(from.hyperparameters());
    json.writeEndObject();
    json.writeName("prompt");
    from.prompt().ifPresentOrElse(json::writeString, json::writeNull);
    wholes("tokens", from.tokens());
    wholes("calls", from.calls());
    json.writeStringProperty("path", from.path());
    json.writeName("matrices");
    json.writeStartArray();
    for (Provenance.MatrixArithmetic matrix : from.matrices()) {
      json.writeStartObject();
      json.writeStringProperty("matrix", matrix.matrix());
      json.writeStringProperty("type", matrix.type());
      json.writeStringProperty("path", matrix.path());
      json.writeStringProperty("reason", matrix.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringProperty("cache", from.cache());
    json.writeStringProperty("mode", from.mode());
    json.writeName("kernels");
    json.writeStartArray();
    from.kernels().forEach(json::writeString);
    json.writeEndArray();
    json.writeNumberProperty("contract", from.contract());
    json.writeName("stages");
    json.writeStartArray();
    manifest.stages().forEach(this::stage);
    json.writeEndArray();
    json.writeName("exact");
    manifest.exact().ifPresentOrElse(this::file, json::writeNull);
    RunRecordJson.write(json, from.run());
    json.writeEndObject();
  }

  private void stage(StageKey key, Manifest.StageFile stage) {
    json.writeStartObject();
    json.writeStringProperty("stage", key.stage().id());
    json.writeName("layer");
    if (key.layer() == StageKey.NO_LAYER) {
      json.writeNull();
    } else {
      json.writeNumber(key.layer());
    }
    json.writeStringProperty("type", stage.type().name().toLowerCase(Locale.ROOT));
    wholes("shape", stage.shape());
    json.writeName("file");
    file(stage.file());
    json.writeEndObject();
  }

  private void file(Manifest.HashedFile file) {
    json.writeStartObject();
    json.writeStringProperty("name", file.name());
    json.writeNumberProperty("bytes", file.bytes());
    json.writeStringProperty("sha256", file.sha256());
    json.writeEndObject();
  }

  private void hyperparameters(Hyperparameters model) {
    json.writeName("hyperparameters");
    json.writeStartObject();
    json.writeStringProperty("architecture", model.architecture());
    json.writeNumberProperty("layers", model.layers());
    json.writeNumberProperty("hidden", model.hidden());
    json.writeNumberProperty("heads", model.heads());
    json.writeNumberProperty("keyValueHeads", model.keyValueHeads());
    json.writeNumberProperty("headSize", model.headSize());
    json.writeNumberProperty("intermediate", model.intermediate());
    json.writeNumberProperty("vocabulary", model.vocabulary());
    json.writeNumberProperty("context", model.context());
    json.writeNumberProperty("longest", model.longest());
    json.writeNumberProperty("epsilon", model.epsilon());
    json.writeBooleanProperty("qkvBias", model.qkvBias());
    json.writeBooleanProperty("headNorms", model.headNorms());
    json.writeBooleanProperty("tiedHead", model.tiedHead());
    rotary(model.rotary());
    json.writeName("sparse");
    model.sparse().ifPresentOrElse(this::sparse, json::writeNull);
    json.writeEndObject();
  }

  private void rotary(RotaryPlan rotary) {
    json.writeName("rotary");
    json.writeStartObject();
    json.writeStringProperty("layout", rotary.interleaved() ? "interleaved" : "half");
    json.writeNumberProperty("rotated", rotary.rotated());
    json.writeNumberProperty("theta", rotary.theta());
    json.writeStringProperty("scaling", ScalingForm.kind(rotary.scaling()));
    json.writeName("parameters");
    json.writeStartArray();
    ScalingForm.parameters(rotary.scaling()).forEach(json::writeNumber);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void sparse(SparseLayers sparse) {
    json.writeStartObject();
    json.writeNumberProperty("experts", sparse.experts());
    json.writeNumberProperty("used", sparse.used());
    json.writeNumberProperty("intermediate", sparse.intermediate());
    json.writeBooleanProperty("normalised", sparse.normalised());
    wholes("layers", List.copyOf(new TreeSet<>(sparse.layers())));
    json.writeEndObject();
  }

  private void wholes(String name, List<Integer> numbers) {
    json.writeName(name);
    json.writeStartArray();
    numbers.forEach(json::writeNumber);
    json.writeEndArray();
  }
}
