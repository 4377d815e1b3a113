package dev.witnessmark.format;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A span of a {@link ByteSource} as a stream. Closing it leaves the source open. */
public final class ByteSourceStream extends InputStream {

  private final ByteSource source;
  private final long end;
  private long position;

  /** Streams the bytes from {@code begin} (inclusive) to {@code end} (exclusive). */
  public ByteSourceStream(ByteSource source, long begin, long end) {
    this.source = source;
    this.position = begin;
    this.end = end;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int at, int length) throws IOException {
    Objects.checkFromIndexSize(at, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (position >= end) {
      return -1;
    }
    int step = (int) Math.min(length, end - position);
    source.read(position, MemorySegment.ofArray(target).asSlice(at, step));
    position += step;
    return step;
  }

  @Override
  public long skip(long bytes) {
    long step = Math.clamp(bytes, 0, end - position);
    position += step;
    return step;
  }
}
