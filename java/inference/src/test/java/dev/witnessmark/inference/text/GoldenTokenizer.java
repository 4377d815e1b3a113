package dev.witnessmark.inference.text;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Tokenizers of real models. */
final class GoldenTokenizer {

  /** One of the models that come with the program. */
  private static final Path DEMO = Path.of("../../src/dist/demo/base-q4_k_m.gguf");

  private GoldenTokenizer() {}

  /** The bytes of a file of the folder {@code golden/tokenizer}. */
  static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            GoldenTokenizer.class.getResourceAsStream("/golden/tokenizer/" + name))) {
      return in.readAllBytes();
    }
  }

  /** {@code tokenizer.json} as data. */
  static TokenizerModel model() throws IOException {
    return TokenizerJsonReader.read(
        new BytesSource("tokenizer.json", bytes("tokenizer.json")),
        new TokenizerConfig(Metadata.EMPTY, Metadata.EMPTY),
        Limits.DEFAULT);
  }

  /** The tokenizer of a GGUF file. */
  static Tokenizer gguf() throws IOException {
    return open(DEMO);
  }

  /** The same one, of {@code tokenizer.json} in {@code folder}, which is put there. */
  static Tokenizer huggingFace(Path folder) throws IOException {
    Files.write(folder.resolve("tokenizer.json"), bytes("tokenizer.json"));
    model(folder, "{\"bos_token_id\": 0, \"eos_token_id\": 0}");
    return open(folder);
  }

  /** Puts a model without a tokenizer into {@code folder}. */
  static void model(Path folder, String config) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    Files.write(
        folder.resolve("model.safetensors"),
        new SafetensorsBuilder().tensor("w", "F32", new byte[4], 1).build());
  }

  /** The tokenizer of the model at {@code path}. */
  static Tokenizer open(Path path) throws IOException {
    try (Checkpoint checkpoint = CheckpointReader.open(path, Limits.DEFAULT)) {
      return Tokenizers.of(checkpoint, Limits.DEFAULT);
    }
  }
}
