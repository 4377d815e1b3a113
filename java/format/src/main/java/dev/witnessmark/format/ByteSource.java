package dev.witnessmark.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Random access to the bytes of one file.
 *
 * <p>Bulk readers copy into staging memory that cannot shrink: a file truncated under a memory
 * mapping kills the JVM once compiled vector code touches it, a positioned read only fails.
 * Implementations are safe for use by several threads.
 */
public interface ByteSource extends AutoCloseable {

  /** The file as the user named it, for messages. */
  String name();

  /** Length in bytes when the file was opened. */
  long size();

  /**
   * Fills all of {@code target} with the bytes from {@code position}.
   *
   * @throws Refusal.Truncated if the file ends before {@code target} is full
   * @throws IOException if the operating system reports a failure
   */
  void read(long position, MemorySegment target) throws IOException;

  @Override
  void close() throws IOException;
}
