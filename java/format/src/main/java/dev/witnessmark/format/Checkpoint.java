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
 * @param notes what was accepted but should be seen: gaps between tensors, files beside the model
 *     that were not read
 */
public record Checkpoint(
    Path path,
    FileFormat format,
    String formatVersion,
    Metadata metadata,
    List<TensorView> tensors,
    List<ByteSource> files,
    List<String> notes)
    implements AutoCloseable {

  public Checkpoint {
    tensors = List.copyOf(tensors);
    files = List.copyOf(files);
    notes = List.copyOf(notes);
  }

  /** A checkpoint about which there is nothing to note. */
  public Checkpoint(
      Path path,
      FileFormat format,
      String formatVersion,
      Metadata metadata,
      List<TensorView> tensors,
      List<ByteSource> files) {
    this(path, format, formatVersion, metadata, tensors, files, List.of());
  }

  /** The same checkpoint with other metadata. */
  public Checkpoint with(Metadata other) {
    return new Checkpoint(path, format, formatVersion, other, tensors, files, notes);
  }

  /** Closes every file, and then reports the first failure. */
  @Override
  public void close() throws IOException {
    try (OpenFiles all = new OpenFiles()) {
      all.addAll(files);
    }
  }
}
