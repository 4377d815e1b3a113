package dev.witnessmark.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A {@link ByteSource} of positioned reads on a regular file. */
public final class FileByteSource implements ByteSource {

  /** One system call's worth; a {@link ByteBuffer} cannot hold more than 2 GiB. */
  private static final long LARGEST_READ = 1L << 30;

  private final Path path;
  private final FileChannel channel;
  private final long size;

  private FileByteSource(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  /** Opens {@code path} for reading; the size is fixed from here on. */
  public static FileByteSource open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new FileByteSource(path, channel, channel.size());
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    long done = 0;
    while (done < target.byteSize()) {
      long step = Math.min(LARGEST_READ, target.byteSize() - done);
      ByteBuffer buffer = target.asSlice(done, step).asByteBuffer();
      int read = channel.read(buffer, position + done);
      if (read <= 0) {
        throw new Refusal.Truncated(
            name(),
            "file",
            position + done,
            target.byteSize(),
            done,
            "it became shorter while being read");
      }
      done += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
