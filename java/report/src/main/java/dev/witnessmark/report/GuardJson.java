package dev.witnessmark.report;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.CellStatistics;
import dev.witnessmark.bench.guard.Change;
import dev.witnessmark.bench.guard.GuardOptions;
import dev.witnessmark.bench.guard.GuardResult;
import dev.witnessmark.bench.guard.GuardRun;
import dev.witnessmark.bench.guard.SideSummary;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The document {@code wmark-guard-v1}; its schema is the resource {@code
 * wmark-guard-v1.schema.json}.
 */
public final class GuardJson {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-guard-v1";

  private final JsonGenerator json;

  private GuardJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(GuardResult result, OutputStream out) {
    try (JsonGenerator json = Json.indented(out)) {
      new GuardJson(json).document(result);
      json.writeRaw('\n');
    }
  }

  private void document(GuardResult result) {
    json.writeStartObject();
    Json.verdict(json, SCHEMA, result.verdict());
    side("before", result.before());
    side("after", result.after());
    json.writeName("interleaved");
    GuardResult.Interleaving interleaved = result.interleaved();
    if (interleaved == null) {
      json.writeNull();
    } else {
      json.writeStartObject();
      json.writeNumberProperty("rounds", interleaved.rounds());
      json.writeBooleanProperty("again", interleaved.again());
      json.writeEndObject();
    }
    options(result.options());
    json.writeName("cells");
    json.writeStartArray();
    result.cells().forEach(this::cell);
    json.writeEndArray();
    runRecord(result.run());
    json.writeEndObject();
  }

  private void side(String name, GuardResult.Side side) {
    json.writeName(name);
    json.writeStartObject();
    json.writeStringProperty("name", side.name());
    json.writeName("devices");
    json.writeStartArray();
    for (BenchDevice device : side.devices()) {
      json.writeStartObject();
      json.writeStringProperty("id", device.id());
      identity(device.identity());
      Json.text(json, "driver", device.driver());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void identity(DeviceIdentity identity) {
    json.writeStringProperty("kind", identity.kind());
    json.writeStringProperty("name", identity.name());
    Json.text(json, "uuid", identity.uuid());
  }

  private void options(GuardOptions options) {
    json.writeName("options");
    json.writeStartObject();
    json.writeNumberProperty("alpha", options.alpha());
    json.writeNumberProperty("minEffect", options.minEffect());
    json.writeNumberProperty("sensitivity", options.sensitivity());
    json.writeNumberProperty("resamples", options.resamples());
    json.writeBooleanProperty("commonOnly", options.commonOnly());
    json.writeEndObject();
  }

  private void cell(CellResult cell) {
    CellKey key = cell.key();
    json.writeStartObject();
    json.writeStringProperty("label", key.label());
    json.writeStringProperty("outcome", cell.outcome().label());
    Json.text(json, "reason", cell.reason() == null ? null : cell.reason().label());
    json.writeStringProperty("explanation", cell.explanation());
    json.writeStringProperty("kernel", key.kernel());
    Json.text(json, "type", key.type());
    json.writeName("shape");
    json.writeStartArray();
    key.shape().forEach(json::writeNumber);
    json.writeEndArray();
    Json.whole(json, "batch", key.batch());
    json.writeName("device");
    json.writeStartObject();
    identity(key.device());
    json.writeEndObject();
    Json.whole(json, "threads", key.threads());
    Json.text(json, "path", key.path());
    Json.text(json, "arithmetic", key.arithmetic());
    Json.text(json, "cache", key.cache());
    json.writeName("statistics");
    statistics(cell.statistics());
    json.writeEndObject();
  }

  private void statistics(@Nullable CellStatistics statistics) {
    if (statistics == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    summary("before", statistics.before());
    summary("after", statistics.after());
    change("time", statistics.time());
    change("cycles", statistics.cycles());
    change("again", statistics.again());
    json.writeNumberProperty("firstHalf", statistics.firstHalf());
    json.writeNumberProperty("secondHalf", statistics.secondHalf());
    json.writeNumberProperty("noise", statistics.noise());
    json.writeNumberProperty("threshold", statistics.threshold());
    json.writeNumberProperty("pValue", statistics.pValue());
    json.writeNumberProperty("adjustedP", statistics.adjustedP());
    json.writeEndObject();
  }

  private void summary(String name, SideSummary side) {
    json.writeName(name);
    json.writeStartObject();
    json.writeNumberProperty("medianNanoseconds", side.median());
    json.writeNumberProperty("spread", side.spread());
    json.writeNumberProperty("forks", side.forks());
    json.writeNumberProperty("samples", side.samples());
    json.writeNumberProperty("throttled", side.throttled());
    Json.number(json, "medianMegahertz", side.megahertz());
    Json.text(json, "variant", side.variant());
    Json.number(json, "shareOfCopy", side.shareOfCopy());
    Json.number(json, "shareOfMatrix", side.shareOfMatrix());
    json.writeEndObject();
  }

  private void change(String name, @Nullable Change change) {
    json.writeName(name);
    if (change == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeNumberProperty("ratio", change.ratio());
    json.writeNumberProperty("low", change.interval().low());
    json.writeNumberProperty("high", change.interval().high());
    json.writeEndObject();
  }

  private void runRecord(GuardRun run) {
    json.writeName("runRecord");
    json.writeStartObject();
    json.writeStringProperty("version", run.version());
    Json.texts(json, "arguments", run.arguments());
    json.writeStringProperty("javaRuntime", run.javaRuntime());
    json.writeName("inputs");
    json.writeStartArray();
    for (GuardRun.Input input : run.inputs()) {
      json.writeStartObject();
      json.writeStringProperty("path", input.path());
      json.writeNumberProperty("bytes", input.bytes());
      json.writeStringProperty("sha256", input.sha256());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
