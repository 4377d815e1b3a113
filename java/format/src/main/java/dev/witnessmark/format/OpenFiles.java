package dev.witnessmark.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The files opened so far by a reader that may still refuse: closes them all unless they were
 * {@linkplain #release() released} to a checkpoint.
 */
public final class OpenFiles implements AutoCloseable {

  private final List<ByteSource> files = new ArrayList<>();

  /** Opens {@code path} and keeps it. */
  public ByteSource open(Path path) throws IOException {
    ByteSource file = FileByteSource.open(path);
    files.add(file);
    return file;
  }

  /** Keeps files that are open already. */
  public void addAll(Collection<? extends ByteSource> open) {
    files.addAll(open);
  }

  /** Hands the files over to a new owner who closes them. */
  public List<ByteSource> release() {
    List<ByteSource> released = List.copyOf(files);
    files.clear();
    return released;
  }

  /** Closes every file, and then reports the first failure. */
  @Override
  public void close() throws IOException {
    closeAll(files);
  }

  /** Closes all of {@code open}, and then reports the first failure. */
  public static void closeAll(Iterable<? extends AutoCloseable> open) throws IOException {
    IOException first = null;
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception failure) {
        if (first != null) {
          first.addSuppressed(failure);
        } else {
          first = failure instanceof IOException io ? io : new IOException(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
