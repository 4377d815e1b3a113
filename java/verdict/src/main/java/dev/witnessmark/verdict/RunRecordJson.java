package dev.witnessmark.verdict;

import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.json.JsonFields;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** The run record in every document that has one. */
public final class RunRecordJson {

  /** No operating system takes a longer command line, and no model has more files. */
  private static final int MOST = 100_000;

  private RunRecordJson() {}

  /** Writes the member {@code runRecord}. */
  public static void write(JsonGenerator json, RunRecord run) {
    json.writeName("runRecord");
    json.writeStartObject();
    json.writeStringProperty("version", run.version());
    json.writeName("arguments");
    json.writeStartArray();
    run.arguments().forEach(json::writeString);
    json.writeEndArray();
    json.writeStringProperty("device", run.device());
    json.writeStringProperty("kernels", run.kernels());
    json.writeStringProperty("kernelsReason", run.kernelsReason());
    json.writeNumberProperty("threads", run.threads());
    json.writeNumberProperty("maxMemory", run.maxMemory());
    json.writeStringProperty("javaRuntime", run.javaRuntime());
    writeInputs(json, "inputs", run.inputs());
    json.writeEndObject();
  }

  /** Writes the member {@code name}, an array of files. */
  public static void writeInputs(JsonGenerator json, String name, List<InputFingerprint> inputs) {
    json.writeName(name);
    json.writeStartArray();
    for (InputFingerprint input : inputs) {
      json.writeStartObject();
      json.writeStringProperty("path", input.path());
      json.writeNumberProperty("bytes", input.bytes());
      json.writeStringProperty("sha256", input.sha256());
      json.writeStringProperty("hashed", input.hashed());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Reads the value of a member {@code runRecord}, at which {@code json} stands. */
  public static RunRecord read(JsonInput json, String pointer) throws IOException {
    List<String> arguments = new ArrayList<>();
    List<InputFingerprint> inputs = new ArrayList<>();
    JsonFields fields =
        JsonFields.read(
            json,
            pointer,
            Set.of(
                "version",
                "device",
                "kernels",
                "kernelsReason",
                "threads",
                "maxMemory",
                "javaRuntime"),
            Map.of(
                "arguments",
                at -> JsonFields.elements(json, at, MOST, each -> arguments.add(json.text(each))),
                "inputs",
                at -> inputs.addAll(readInputs(json, at))));
    return new RunRecord(
        fields.text("version"),
        arguments,
        fields.text("device"),
        fields.text("kernels"),
        fields.text("kernelsReason"),
        (int) fields.count("threads", Integer.MAX_VALUE),
        fields.count("maxMemory", Long.MAX_VALUE),
        fields.text("javaRuntime"),
        inputs);
  }

  /** Reads an array of files, at which {@code json} stands. */
  public static List<InputFingerprint> readInputs(JsonInput json, String pointer)
      throws IOException {
    List<InputFingerprint> inputs = new ArrayList<>();
    JsonFields.elements(
        json,
        pointer,
        MOST,
        each -> {
          JsonFields input =
              JsonFields.read(json, each, Set.of("path", "bytes", "sha256", "hashed"), Map.of());
          inputs.add(
              new InputFingerprint(
                  input.text("path"),
                  input.count("bytes", Long.MAX_VALUE),
                  input.text("sha256"),
                  input.text("hashed")));
        });
    return inputs;
  }
}
