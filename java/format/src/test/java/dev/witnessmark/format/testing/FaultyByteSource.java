package dev.witnessmark.format.testing;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A file that goes wrong at a chosen byte.
 *
 * @param file the file as it should be
 * @param fault what happens to reads of the bytes from {@code at} on
 * @param at an offset in the file
 */
public record FaultyByteSource(ByteSource file, Fault fault, long at) implements ByteSource {

  /** Ways to go wrong. */
  public enum Fault {
    /** The file was cut at {@code at} before it was opened. */
    SHORT,
    /** The file is cut at {@code at} after it was opened: its size still claims the rest. */
    SHRINKS,
    /** The device cannot read the byte at {@code at}. */
    IO_ERROR
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public long size() {
    return fault == Fault.SHORT ? Math.min(at, file.size()) : file.size();
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    if (position + target.byteSize() > at) {
      if (fault == Fault.IO_ERROR) {
        throw new IOException("Input/output error");
      }
      throw new Refusal.Truncated(
          name(),
          "file",
          position,
          target.byteSize(),
          Math.max(0, at - position),
          "it became shorter while being read");
    }
    file.read(position, target);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
