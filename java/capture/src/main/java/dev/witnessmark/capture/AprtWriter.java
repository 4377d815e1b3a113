package dev.witnessmark.capture;

import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes one APRT file, in any order, under a temporary name: {@link #commit} makes it the file,
 * whole, and {@link #close} without it leaves nothing. Values are copied as bits; a NaN stays the
 * NaN that it was. For one thread.
 */
public final class AprtWriter implements StageValues {

  private final Path target;
  private final Path temporary;
  private final long layer;
  private final PositionedFile file;

  /**
   * Begins a file that replaces {@code target} when it is whole.
   *
   * @param layer the layer, or {@link AprtHeader#WHOLE_MODEL}
   */
  public AprtWriter(Path target, long layer) throws IOException {
    this(
        target,
        target.resolveSibling(
            ".%s.%d.part".formatted(target.getFileName(), ProcessHandle.current().pid())),
        layer);
  }

  private AprtWriter(Path target, Path temporary, long layer) {
    new AprtHeader(layer, 0);
    this.target = target;
    this.temporary = temporary;
    this.layer = layer;
    this.file = new PositionedFile(temporary);
  }

  /** A file that someone else gives its name; {@link #end} is all that it needs. */
  static AprtWriter unnamed(Path temporary, long layer) {
    return new AprtWriter(temporary, temporary, layer);
  }

  /**
   * Writes little-endian float32 values from element {@code first} on. A slot that is never written
   * has no defined value.
   *
   * @param values native memory
   * @throws CouldNotCompare if a file of this kind cannot hold so many
   */
  @Override
  public void write(long first, MemorySegment values) throws IOException {
    check(Math.addExact(first, values.byteSize() / Float.BYTES));
    file.write(AprtHeader.BYTES + Float.BYTES * first, values);
  }

  /** Reads back what was written, into native memory. */
  @Override
  public void read(long first, MemorySegment values) throws IOException {
    file.read(AprtHeader.BYTES + Float.BYTES * first, values);
  }

  /** Gives the open file back to the system; the next call opens it again. */
  @Override
  public void release() throws IOException {
    file.close();
  }

  /**
   * Ends the file after {@code elements} values, what was written behind them is cut off, and gives
   * it its name.
   *
   * @throws CouldNotCompare if a file of this kind cannot hold so many
   */
  public void commit(long elements) throws IOException {
    end(elements);
    file.sync();
    Files.move(
        temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** As {@link #commit}, but the file keeps its temporary name. */
  void end(long elements) throws IOException {
    check(elements);
    AprtHeader header = new AprtHeader(layer, elements);
    file.write(0, MemorySegment.ofArray(header.toBytes()));
    file.end(header.fileBytes());
  }

  private void check(long elements) throws CouldNotCompare {
    if (elements > AprtHeader.MOST_ELEMENTS) {
      throw new CouldNotCompare(
          "%s: %d values are more than the %d that an APRT file holds; capture fewer positions"
              .formatted(target, elements, AprtHeader.MOST_ELEMENTS));
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.deleteIfExists(temporary);
  }
}
