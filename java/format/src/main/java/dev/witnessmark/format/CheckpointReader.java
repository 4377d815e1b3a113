package dev.witnessmark.format;

import dev.witnessmark.format.gguf.GgufReader;
import dev.witnessmark.format.onnx.OnnxReader;
import dev.witnessmark.format.peft.PeftReader;
import dev.witnessmark.format.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Opens whatever holds a model: the one entry point for every container. */
public final class CheckpointReader {

  /** What Java puts in the place of bytes of a command line that are not UTF-8. */
  private static final char REPLACEMENT = '\uFFFD';

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
      throw new Refusal.MissingPart(path.toString(), "path", missing(path));
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

  /** Why nothing can be opened at {@code path}. */
  private static String missing(Path path) {
    try {
      if (Files.isSymbolicLink(path)) {
        return "is a symbolic link to "
            + Files.readSymbolicLink(path)
            + ", which is not there or leads in a circle";
      }
      Files.readAttributes(path, BasicFileAttributes.class);
    } catch (AccessDeniedException denied) {
      return "a folder on the way to it does not let you in: permission denied";
    } catch (IOException missing) {
      // Then it is as missing as it looks.
    }
    return path.toString().indexOf(REPLACEMENT) >= 0
        ? "there is no such file or folder; its name seems not to be UTF-8, so rename it or open it"
            + " through a symbolic link"
        : "there is no such file or folder";
  }

  private static FileFormat container(Path path) throws IOException {
    try (ByteSource file = FileByteSource.open(path)) {
      return ContainerRecognition.of(file);
    }
  }
}
