package dev.witnessmark.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@link ByteSource} that is open only while it is read, for what has more files than a process
 * may hold open. A file that changes its size in between is refused.
 *
 * @param path the file
 * @param size its size when it was first seen
 */
public record ReopenedFile(Path path, long size) implements ByteSource {

  /** The file as it is now. */
  public static ReopenedFile of(Path path) throws IOException {
    return new ReopenedFile(path, Files.size(path));
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    try (ByteSource file = FileByteSource.open(path)) {
      if (file.size() != size) {
        throw new Refusal.Inconsistent(
            name(), "file", 0, "it was changed while being read: its size", file.size(), size);
      }
      file.read(position, target);
    }
  }

  /** Nothing is open. */
  @Override
  public void close() {}
}
