package dev.witnessmark.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A tensor on its way to disk: values go in by the number of the first, in any order. */
interface StageValues extends AutoCloseable {

  void write(long first, MemorySegment values) throws IOException;

  /** Reads back what was written. */
  void read(long first, MemorySegment values) throws IOException;

  /** Gives the open file back to the system; the next call opens it again. */
  void release() throws IOException;

  /** Ends it; what is not committed leaves nothing. */
  @Override
  void close() throws IOException;
}
