package dev.witnessmark.report;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.parity.stage.StageFileDifference;
import dev.witnessmark.parity.stage.ValuePair;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code apr-stage-diff-v1}, which other tools write too: their fields are here under
 * their names, with numbers that are not finite as null, and behind them those of every document of
 * ours. Its schema is the resource {@code apr-stage-diff-v1.schema.json}.
 */
public final class StageDiffJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "apr-stage-diff-v1";

  private StageDiffJson() {}

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(StageFileDifference result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      json.writeStartObject();
      Json.verdict(json, SCHEMA, result.verdict());
      json.writeStringProperty("path_a", result.a());
      json.writeStringProperty("path_b", result.b());
      json.writeName("layer");
      if (result.layer() == AprtHeader.WHOLE_MODEL) {
        json.writeString("whole-model");
      } else {
        json.writeNumber(result.layer());
      }
      json.writeNumberProperty("dim_product", result.values());
      finite(json, "max_abs_diff", (double) result.furthest());
      json.writeNumberProperty("max_abs_diff_index", result.furthestIndex());
      finite(json, "rms_diff", (double) result.rms());
      finite(json, "cosine_sim", result.cosine());
      json.writeName("top_diffs");
      json.writeStartArray();
      for (ValuePair pair : result.pairs()) {
        json.writeStartObject();
        json.writeNumberProperty("index", pair.index());
        finite(json, "a", (double) pair.a());
        finite(json, "b", (double) pair.b());
        finite(json, "abs_diff", (double) pair.distance());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberProperty("bitEqual", result.bitEqual());
      json.writeNumberProperty("differing", result.differing());
      json.writeNumberProperty("nanOnlyA", result.nanOnlyA());
      json.writeNumberProperty("nanOnlyB", result.nanOnlyB());
      json.writeNumberProperty("nanBoth", result.nanBoth());
      RunRecordJson.write(json, result.run());
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void finite(JsonGenerator json, String name, @Nullable Double value) {
    Json.number(json, name, value == null || Double.isFinite(value) ? value : null);
  }
}
