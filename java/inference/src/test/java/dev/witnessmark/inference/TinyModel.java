package dev.witnessmark.inference;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A random model and what a program in Python computes with it; the README beside them says how.
 *
 * @param name its name there
 * @param checkpoint a folder as Hugging Face transformers keeps it
 * @param golden stages in float64
 * @param frequencies of the rotary pairs
 * @param attentionFactor what cosines and sines are multiplied by
 */
record TinyModel(
    String name, Checkpoint checkpoint, Golden golden, double[] frequencies, double attentionFactor)
    implements AutoCloseable {

  private static final Path FOLDER = Path.of("src/test/resources/golden/architectures");
  private static final String CONFIG = ".config.json";

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(CONFIG))
          .map(file -> file.substring(0, file.length() - CONFIG.length()))
          .sorted()
          .toList();
    }
  }

  /** Copies the model to {@code folder} and opens it. */
  static TinyModel open(String name, Path folder) throws IOException {
    Path stages = FOLDER.resolve(name + ".stages.safetensors");
    try (Checkpoint capture = CheckpointReader.open(stages, Limits.DEFAULT)) {
      String weights = text(capture, "weights");
      Files.copy(
          FOLDER.resolve(weights + ".weights.safetensors"), folder.resolve("model.safetensors"));
      Files.copy(FOLDER.resolve(name + CONFIG), folder.resolve("config.json"));
      return new TinyModel(
          name,
          CheckpointReader.open(folder, Limits.DEFAULT),
          Golden.read(stages),
          Arrays.stream(text(capture, "rotary_frequencies").split(" ", -1))
              .mapToDouble(Double::parseDouble)
              .toArray(),
          Double.parseDouble(text(capture, "attention_factor")));
    }
  }

  private static String text(Checkpoint capture, String key) {
    return capture.metadata().text(key).orElseThrow();
  }

  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
