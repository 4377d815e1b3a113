package dev.witnessmark.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One model on disk, opened: its header is read and checked, its tensors are not.
 *
 * @param path what was opened: a file, the first of several parts, or a folder
 * @param format the container
 * @param formatVersion the container's own version text, for example {@code 3} for GGUF v3; empty
 *     where there is none
 * @param metadata everything the file says beside its tensors
 * @param tensors in file order, parts in their order
 * @param files the files that hold the tensors; closed with this
 */
public record Checkpoint(
    Path path,
    FileFormat format,
    String formatVersion,
    Metadata metadata,
    List<TensorView> tensors,
    List<ByteSource> files)
    implements AutoCloseable {

  public Checkpoint {
    tensors = List.copyOf(tensors);
    files = List.copyOf(files);
  }

  /** Closes every file, and then reports the first failure. */
  @Override
  public void close() throws IOException {
    IOException first = null;
    for (ByteSource file : files) {
      try {
        file.close();
      } catch (IOException failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
