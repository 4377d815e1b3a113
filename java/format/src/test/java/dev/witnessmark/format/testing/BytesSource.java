package dev.witnessmark.format.testing;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A file in memory. */
public record BytesSource(String name, byte[] bytes) implements ByteSource {

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    long available = Math.max(0, bytes.length - position);
    if (target.byteSize() > available) {
      throw new Refusal.Truncated(
          name, "file", position, target.byteSize(), available, "read past the end");
    }
    MemorySegment.copy(MemorySegment.ofArray(bytes), position, target, 0, target.byteSize());
  }

  @Override
  public void close() {}
}
