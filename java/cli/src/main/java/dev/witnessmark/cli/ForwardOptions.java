package dev.witnessmark.cli;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a model is run: the same for every command that runs one. */
class ForwardOptions {

  /** How keys and values are kept. */
  enum Cache {
    F32(Element.FLOAT32),
    F16(Element.FLOAT16);

    private final Element element;

    Cache(Element element) {
      this.element = element;
    }

    Element element() {
      return element;
    }
  }

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Metadata that the model lacks, such as qwen3moe.expert_used_count=2.")
  Map<String, String> metadata = new LinkedHashMap<>();

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Most positions of a prompt that are computed together, default ${DEFAULT-VALUE}.")
  int batch;

  @Option(
      names = "--cache",
      paramLabel = "TYPE",
      defaultValue = "F32",
      description = "How keys and values are kept: f32 or f16; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  Cache cache;

  @Option(
      names = "--max-memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      defaultValue = "2G",
      description =
          "Most memory for weights, default ${DEFAULT-VALUE}; layers that do not fit are read again"
              + " for every call.")
  long maxMemory;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  /** Opens a model, with the metadata that was given beside it. */
  Checkpoint open(Path model) throws IOException {
    if (batch < 1) {
      throw new ParameterException(
          command.commandLine(), "--batch " + batch + ": at least 1 is needed");
    }
    Checkpoint checkpoint = CheckpointReader.open(model, limit.limits());
    if (metadata.isEmpty()) {
      return checkpoint;
    }
    Map<String, MetadataValue> entries = new LinkedHashMap<>(checkpoint.metadata().entries());
    metadata.forEach((key, value) -> entries.put(key, parse(value)));
    return checkpoint.with(new Metadata(entries));
  }

  private static MetadataValue parse(String value) {
    if (value.matches("-?\\d{1,19}")) {
      return new MetadataValue.Whole(new BigInteger(value));
    }
    if (value.equals("true") || value.equals("false")) {
      return new MetadataValue.Flag(Boolean.parseBoolean(value));
    }
    return value.matches("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?")
        ? new MetadataValue.Real(Double.parseDouble(value))
        : new MetadataValue.Text(value);
  }

  /** A path as it was written. */
  PathPlan path(String option, String text) {
    try {
      return PathPlan.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(
          command.commandLine(), option + " " + text + ": " + wrong.getMessage(), wrong);
    }
  }

  /** How the model is run for {@code positions} positions. */
  PassOptions pass(PathPlan path, int positions) {
    return new PassOptions(path, batch, positions, cache.element(), maxMemory);
  }

  /**
   * What was asked and what runs it.
   *
   * @param kernels what computes, as the device names it
   * @param id the device as it was asked for
   * @param reason why it runs there
   */
  RunRecord record(Checkpoint checkpoint, String kernels, String id, String reason)
      throws IOException {
    List<InputFingerprint> inputs = new ArrayList<>();
    for (ByteSource file : checkpoint.files()) {
      inputs.add(InputFingerprint.of(file));
    }
    return new RunRecord(
        Version.number(),
        command.commandLine().getParseResult().originalArgs(),
        id,
        kernels,
        reason,
        1,
        maxMemory,
        Runtime.version().toString(),
        inputs);
  }
}
