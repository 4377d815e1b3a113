package dev.witnessmark.cli;

import dev.witnessmark.format.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** Which model is run, and how. */
final class ModelOptions extends ForwardOptions {

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A GGUF file, or a folder with safetensors, config.json and tokenizer.json.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  Path model;

  /** Opens the model, with the metadata that was given beside it. */
  Checkpoint open() throws IOException {
    return open(model);
  }
}
