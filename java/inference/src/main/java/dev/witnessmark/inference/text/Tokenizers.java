package dev.witnessmark.inference.text;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Folder;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes the tokenizer of a checkpoint. */
public final class Tokenizers {

  /** Ends every message that says what a tokenizer has. */
  static final String NOT_SUPPORTED = "is not supported; give the prompt as ids with --tokens";

  private static final String FILE = "tokenizer.json";
  private static final String CONFIG = "tokenizer_config.json";

  private Tokenizers() {}

  /**
   * The tokenizer in the metadata of a GGUF file, or else in {@code tokenizer.json} beside the
   * weights. The native code that encodes is loaded with the first text, so that everything else
   * works without.
   *
   * @param checkpoint open; it may be closed afterwards
   * @throws Refusal.MissingPart if there is no tokenizer
   * @throws Refusal.Unsupported if it does what is not known here
   * @throws Refusal if anything is wrong with it
   */
  public static Tokenizer of(Checkpoint checkpoint, Limits limits) throws IOException {
    return new BytePairTokenizer(
        checkpoint.format() == FileFormat.GGUF
            ? GgufTokenizerReader.read(checkpoint)
            : beside(checkpoint, limits));
  }

  private static TokenizerModel beside(Checkpoint checkpoint, Limits limits) throws IOException {
    Path path = checkpoint.path();
    Folder folder = Files.isDirectory(path) ? new Folder(path) : Folder.of(path);
    Optional<Path> file = folder.find(path.toString(), FILE);
    if (file.isEmpty()) {
      throw new Refusal.MissingPart(
          path.toString(),
          FILE,
          "is not beside the weights; put it there, or give the prompt as ids with --tokens");
    }
    TokenizerConfig config =
        new TokenizerConfig(
            metadata(folder.find(path.toString(), CONFIG), limits), checkpoint.metadata());
    try (ByteSource source = FileByteSource.open(file.get())) {
      return TokenizerJsonReader.read(source, config, limits);
    }
  }

  private static Metadata metadata(Optional<Path> file, Limits limits) throws IOException {
    if (file.isEmpty()) {
      return Metadata.EMPTY;
    }
    try (ByteSource source = FileByteSource.open(file.get())) {
      return new Metadata(JsonMetadata.read(source, "", limits));
    }
  }
}
