package dev.witnessmark.format;

import dev.witnessmark.format.gguf.GgufReader;
import dev.witnessmark.format.onnx.OnnxReader;
import dev.witnessmark.format.peft.PeftReader;
import dev.witnessmark.format.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens whatever holds a model: the one entry point for every container. */
public final class CheckpointReader {

  private CheckpointReader() {}

  /**
   * Opens a GGUF, safetensors or ONNX file, any part of a split GGUF model, or a folder with a
   * model or an adapter. Which it is, the content says. No tensor byte is read.
   *
   * @throws Refusal if it is none of these, or anything is wrong with it
   * @throws IOException if the operating system reports a failure
   */
  public static Checkpoint open(Path path, Limits limits) throws IOException {
    if (!Files.exists(path)) {
      throw new Refusal.MissingPart(path.toString(), "path", "there is no such file or folder");
    }
    if (Files.isDirectory(path)) {
      return ModelFolder.open(new Folder(path), limits);
    }
    if (!Files.isRegularFile(path)) {
      throw new Refusal.UnknownFormat(path.toString(), "is neither a regular file nor a folder");
    }
    return switch (container(path)) {
      case GGUF -> GgufReader.read(path, limits);
      case SAFETENSORS -> SafetensorsReader.read(path, limits);
      case ONNX -> OnnxReader.read(path, limits);
      case PEFT -> PeftReader.read(path, limits).checkpoint();
    };
  }

  private static FileFormat container(Path path) throws IOException {
    try (ByteSource file = FileByteSource.open(path)) {
      return ContainerRecognition.of(file);
    }
  }
}
