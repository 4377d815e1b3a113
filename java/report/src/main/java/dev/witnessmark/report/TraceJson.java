package dev.witnessmark.report;

import dev.witnessmark.capture.Provenance;
import dev.witnessmark.parity.trace.StageSummary;
import dev.witnessmark.parity.trace.TraceResult;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A trace for machines: {@code wmark-trace-v1}. */
public final class TraceJson {

  private static final int LIKELIEST = 10;

  private TraceJson() {}

  /** Writes one document. */
  public static void write(
      TraceResult result, TokenText text, @Nullable Path folder, OutputStream out) {
    Provenance p = result.provenance();
    try (JsonGenerator json = Json.indented(out)) {
      json.writeStartObject();
      json.writeStringProperty("schema", "wmark-trace-v1");
      json.writeStringProperty("model", p.model());
      json.writeStringProperty("architecture", p.hyperparameters().architecture());
      json.writeStringProperty("path", p.path());
      json.writeStringProperty("cache", p.cache());
      json.writeStringProperty("mode", p.mode());
      json.writeNumberProperty("contract", p.contract());
      Json.text(json, "prompt", p.prompt().orElse(null));
      tokens(json, "tokens", result.sequence().tokens().subList(0, result.sequence().prompt()));
      tokens(json, "generated", result.sequence().generated());
      int[] generated = result.sequence().generated().stream().mapToInt(i -> i).toArray();
      Json.text(json, "generatedText", text.of(generated).orElse(null));
      json.writeName("likeliest");
      json.writeStartArray();
      for (int token : result.likeliest(LIKELIEST)) {
        json.writeStartObject();
        json.writeNumberProperty("token", token);
        Json.number(json, "logit", (double) result.logits()[token]);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberProperty("residentLayers", result.residentLayers());
      json.writeNumberProperty("quantisedRows", result.quantisedRows());
      json.writeNumberProperty("crushedRows", result.crushedRows());
      json.writeName("capture");
      if (folder != null && result.manifest().isPresent()) {
        json.writeStartObject();
        json.writeStringProperty("folder", folder.toString());
        json.writeNumberProperty("stages", result.manifest().get().stages().size());
        json.writeEndObject();
      } else {
        json.writeNull();
      }
      summaries(json, result.summaries());
      RunRecordJson.write(json, p.run());
      json.writeEndObject();
    }
  }

  private static void tokens(JsonGenerator json, String name, List<Integer> tokens) {
    json.writeName(name);
    json.writeStartArray();
    tokens.forEach(json::writeNumber);
    json.writeEndArray();
  }

  private static void summaries(JsonGenerator json, List<StageSummary> summaries) {
    json.writeName("summaries");
    json.writeStartArray();
    for (StageSummary s : summaries) {
      json.writeStartObject();
      json.writeStringProperty("stage", s.key().name());
      json.writeNumberProperty("elements", s.elements());
      json.writeNumberProperty("nonFinite", s.nonFinite());
      json.writeNumberProperty("zeros", s.zeros());
      Json.number(json, "mean", s.mean());
      Json.number(json, "rms", s.rms());
      Json.number(json, "smallest", (double) s.smallest());
      Json.number(json, "largest", (double) s.largest());
      json.writeStringProperty("hash", String.format(Locale.ROOT, "%016x", s.hash()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
