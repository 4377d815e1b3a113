package dev.witnessmark.capture;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A new file that is written and read at any place. It is opened when it is needed: what has very
 * many of them may close some in between.
 */
final class PositionedFile implements AutoCloseable {

  /** One system call's worth; a {@link ByteBuffer} cannot hold more than 2 GiB. */
  private static final long LARGEST_CALL = 1L << 30;

  private final Path path;
  private boolean begun;
  private @Nullable FileChannel channel;

  /** A file that replaces {@code path}; nothing happens before the first call. */
  PositionedFile(Path path) {
    this.path = path;
  }

  /** Writes all of {@code bytes}, which are native memory or an array of bytes. */
  void write(long position, MemorySegment bytes) throws IOException {
    FileChannel file = open();
    for (long done = 0; done < bytes.byteSize(); ) {
      done += file.write(piece(bytes, done), position + done);
    }
  }

  /** Fills all of {@code bytes}, which are native memory or an array of bytes. */
  void read(long position, MemorySegment bytes) throws IOException {
    FileChannel file = open();
    for (long done = 0; done < bytes.byteSize(); ) {
      int read = file.read(piece(bytes, done), position + done);
      if (read < 0) {
        throw new EOFException(path + ": ends at byte " + (position + done));
      }
      done += read;
    }
  }

  private static ByteBuffer piece(MemorySegment bytes, long from) {
    return bytes.asSlice(from, Math.min(LARGEST_CALL, bytes.byteSize() - from)).asByteBuffer();
  }

  /** Cuts the file to {@code size} bytes and closes it. */
  void end(long size) throws IOException {
    open().truncate(size);
    close();
  }

  /** Brings the file to the disk. */
  void sync() throws IOException {
    open().force(true);
    close();
  }

  private FileChannel open() throws IOException {
    if (channel == null) {
      channel =
          begun
              ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
              : FileChannel.open(
                  path,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING);
      if (!begun) {
        // Also if the user stops the program meanwhile.
        path.toFile().deleteOnExit();
        begun = true;
      }
    }
    return channel;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }
}
