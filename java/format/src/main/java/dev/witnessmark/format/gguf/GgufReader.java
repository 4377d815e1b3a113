package dev.witnessmark.format.gguf;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.ContainerRecognition;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Folder;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens GGUF models of one file or of several parts. */
public final class GgufReader {

  private GgufReader() {}

  /**
   * Opens the model that {@code path} is, or is any part of.
   *
   * @throws Refusal if anything is wrong with a file, a part is missing, or parts contradict
   */
  public static Checkpoint read(Path path, Limits limits) throws IOException {
    Optional<SplitName> split = SplitName.of(path);
    return split.isPresent() ? readParts(path, split.get(), limits) : readFile(path, limits);
  }

  private static Checkpoint readFile(Path path, Limits limits) throws IOException {
    try (OpenFiles files = new OpenFiles()) {
      ByteSource file = files.open(path);
      GgufHeader header = GgufHeader.read(file, limits);
      long count = header.metadata().whole(GgufParts.COUNT).orElse(1);
      if (count > 1) {
        throw new Refusal.MissingPart(
            file.name(),
            GgufParts.COUNT,
            "is one of %d parts; name it as it was, NAME-00001-of-%05d.gguf, beside the others"
                .formatted(count, count));
      }
      return new Checkpoint(
          path,
          FileFormat.GGUF,
          Integer.toString(header.version()),
          header.metadata(),
          header.tensors(),
          files.release(),
          header.notes());
    }
  }

  private static Checkpoint readParts(Path path, SplitName split, Limits limits)
      throws IOException {
    if (split.count() > limits.parts()) {
      throw new Refusal.LimitExceeded(
          path.toString(), "file name", -1, "the number of parts", split.count(), limits.parts());
    }
    Folder folder = Folder.of(path);
    List<Path> paths = new ArrayList<>();
    for (int number = 1; number <= split.count(); number++) {
      // What the user named may be a link to anywhere; what its name leads to may not.
      paths.add(
          number == split.number() ? path : folder.file(path.toString(), split.fileName(number)));
    }
    try (OpenFiles files = new OpenFiles()) {
      GgufParts parts = new GgufParts(split.count(), limits);
      for (Path part : paths) {
        ByteSource file = files.open(part);
        ContainerRecognition.require(FileFormat.GGUF, file);
        parts.add(file.name(), GgufHeader.read(file, limits));
      }
      parts.checkComplete(path.toString());
      return new Checkpoint(
          paths.getFirst(),
          FileFormat.GGUF,
          Integer.toString(parts.version()),
          parts.metadata(),
          parts.tensors(),
          files.release(),
          parts.notes());
    }
  }
}
