package dev.witnessmark.format.peft;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Folder;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonMetadata;
import dev.witnessmark.format.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Opens the folders of low-rank adapters. */
public final class PeftReader {

  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PICKLE = "adapter_model.bin";

  private PeftReader() {}

  /**
   * Opens the adapter in {@code folder}; no tensor byte is read.
   *
   * @throws Refusal.Unsupported if it does anything else to its base than add low-rank products and
   *     replace weights
   * @throws Refusal if a file is missing or anything is wrong with it
   */
  public static PeftAdapter read(Path folder, Limits limits) throws IOException {
    Folder files = new Folder(folder);
    Path configPath = files.file(folder.toString(), CONFIG);
    AdapterConfig config;
    Map<String, MetadataValue> metadata;
    try (OpenFiles open = new OpenFiles()) {
      ByteSource file = open.open(configPath);
      config = AdapterConfig.read(file, limits);
      metadata = JsonMetadata.read(file, "adapter_config.", limits);
    }
    Checkpoint weights = SafetensorsReader.read(weights(files), limits);
    try (OpenFiles open = new OpenFiles()) {
      open.addAll(weights.files());
      weights.metadata().entries().forEach(metadata::putIfAbsent);
      AdapterTensors tensors = AdapterTensors.of(weights, config);
      return new PeftAdapter(
          new Checkpoint(
              folder,
              FileFormat.PEFT,
              "",
              new Metadata(metadata),
              weights.tensors(),
              open.release()),
          tensors.updates(),
          tensors.replacements());
    }
  }

  private static Path weights(Folder folder) throws IOException {
    String name = folder.path().toString();
    Optional<Path> weights = folder.find(name, WEIGHTS);
    if (weights.isEmpty() && folder.find(name, PICKLE).isPresent()) {
      throw new Refusal.UnsafeFormat(
          name,
          "the weights are in %s, a pickle, which is a program that loading would run; save the"
                  .formatted(PICKLE)
              + " adapter as safetensors");
    }
    return folder.file(name, WEIGHTS);
  }
}
