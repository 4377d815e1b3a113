package dev.witnessmark.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Float64 values of one stage in a file of their own, until all of them are put into one. */
final class ExactValues implements StageValues {

  private final Path path;
  private final PositionedFile file;

  ExactValues(Path path) {
    this.path = path;
    this.file = new PositionedFile(path);
  }

  @Override
  public void write(long first, MemorySegment values) throws IOException {
    file.write(Double.BYTES * first, values);
  }

  @Override
  public void read(long first, MemorySegment values) throws IOException {
    file.read(Double.BYTES * first, values);
  }

  @Override
  public void release() throws IOException {
    file.close();
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.deleteIfExists(path);
  }
}
