package dev.witnessmark.bench;

import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes documents {@code wmark-bench-v1}; their schema is the resource {@code
 * wmark-bench-v1.schema.json}.
 */
public final class BenchResultWriter {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private final JsonGenerator json;

  private BenchResultWriter(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code result} as UTF-8 to {@code out}, which stays open. */
  public static void write(BenchResult result, OutputStream out) {
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      new BenchResultWriter(json).document(result);
      json.writeRaw('\n');
    }
  }

  private void document(BenchResult result) {
    json.writeStartObject();
    json.writeStringProperty("schema", BenchResult.SCHEMA);
    json.writeName("devices");
    json.writeStartArray();
    result.devices().forEach(this::device);
    json.writeEndArray();
    json.writeName("cells");
    json.writeStartArray();
    result.cells().forEach(this::cell);
    json.writeEndArray();
    json.writeName("check");
    check(result.check());
    json.writeName("runRecord");
    json.writeStartObject();
    json.writeStringProperty("tool", result.run().tool());
    json.writeName("arguments");
    json.writeStartArray();
    result.run().arguments().forEach(json::writeString);
    json.writeEndArray();
    json.writeStringProperty("runtime", result.run().runtime());
    json.writeEndObject();
    json.writeEndObject();
  }

  private void check(@Nullable KernelCheck check) {
    if (check == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("kernel", check.kernel());
    json.writeStringProperty("of", check.of());
    json.writeNumberProperty("trials", check.trials());
    json.writeNumberProperty("equal", check.equal());
    json.writeNumberProperty("withinBudget", check.withinBudget());
    text("firstDifference", check.firstDifference());
    json.writeEndObject();
  }

  private void device(BenchDevice device) {
    json.writeStartObject();
    json.writeStringProperty("id", device.id());
    json.writeStringProperty("kind", device.identity().kind());
    json.writeStringProperty("name", device.identity().name());
    text("uuid", device.identity().uuid());
    text("driver", device.driver());
    json.writeNumberProperty("timerResolutionNanoseconds", device.timerResolution());
    real("copyBytesPerSecond", device.copyRate());
    real("matrixOperationsPerSecond", device.matrixRate());
    real("datasheetBytesPerSecond", device.datasheetCopyRate());
    real("datasheetOperationsPerSecond", device.datasheetMatrixRate());
    json.writeEndObject();
  }

  private void cell(Cell cell) {
    CellKey key = cell.key();
    json.writeStartObject();
    json.writeStringProperty("kernel", key.kernel());
    text("type", key.type());
    json.writeName("shape");
    json.writeStartArray();
    key.shape().forEach(json::writeNumber);
    json.writeEndArray();
    whole("batch", key.batch());
    json.writeStringProperty("device", cell.deviceId());
    whole("threads", key.threads());
    text("path", key.path());
    text("arithmetic", key.arithmetic());
    text("cache", key.cache());
    text("variant", cell.variant());
    whole("bytes", cell.bytes());
    whole("operations", cell.operations());
    json.writeNumberProperty("launchesPerSample", cell.launchesPerSample());
    real("launchOverheadNanoseconds", cell.launchOverhead());
    json.writeName("aaRatios");
    json.writeStartArray();
    cell.aaRatios().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeName("forks");
    json.writeStartArray();
    cell.forks().forEach(this::fork);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void fork(Fork fork) {
    json.writeStartObject();
    json.writeName("nanoseconds");
    json.writeArray(fork.nanoseconds(), 0, fork.size());
    json.writeName("megahertz");
    double[] clocks = fork.megahertz();
    if (clocks == null) {
      json.writeNull();
    } else {
      json.writeArray(clocks, 0, clocks.length);
    }
    json.writeName("throttled");
    int[] throttled = fork.throttled().stream().toArray();
    json.writeArray(throttled, 0, throttled.length);
    json.writeEndObject();
  }

  private void text(String name, @Nullable String value) {
    json.writeName(name);
    if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value);
    }
  }

  private void whole(String name, @Nullable Long value) {
    json.writeName(name);
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  private void real(String name, @Nullable Double value) {
    json.writeName(name);
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }
}
