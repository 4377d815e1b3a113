package dev.witnessmark.compare.matrix;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reads a matrix in chunks: {@link #load} fetches a range of elements, the other methods give
 * pieces of it. Segments handed out stay valid until the next call of the same method. Not
 * thread-safe.
 */
public interface MatrixReader extends AutoCloseable {

  /** Most elements of one {@link #load}: 256 Ki, a multiple of every block length. */
  int CHUNK = 1 << 18;

  /** Most elements of one piece: its values and bounds stay in the first-level caches. */
  int PIECE = 1 << 13;

  /**
   * Fetches {@code count} elements from {@code first}, counted row by row; both at block bounds.
   *
   * @throws IOException if the file cannot be read or became shorter
   */
  void load(long first, int count) throws IOException;

  /**
   * {@link #load} into memory of the caller's, which is left alone until the next load. Where
   * values are computed, {@code memory} is not used.
   *
   * @param memory native memory of at least the range's stored bytes
   */
  default void load(long first, int count, MemorySegment memory) throws IOException {
    load(first, count);
  }

  /** The stored little-endian bytes of the loaded range, or null where values are computed. */
  @Nullable MemorySegment storedBytes();

  /** Decoded float32 values of elements {@code [from, from + count)} of the loaded range. */
  MemorySegment values(int from, int count);

  /**
   * {@link #values} of a piece whose {@link #bounds} will be asked for next: stored blocks are
   * taken apart once for both.
   */
  default MemorySegment boundedValues(int from, int count) {
    return values(from, count);
  }

  /** The same as float64, exact for every type but 64-bit integers, which round to nearest even. */
  MemorySegment wideValues(int from, int count);

  /**
   * For each value of the piece last decoded by {@link #values}, float32: the most that rounding to
   * this storage can have moved it.
   */
  MemorySegment bounds(int from, int count);

  /** The same for the piece last decoded by {@link #wideValues}, float64. */
  MemorySegment wideBounds(int from, int count);

  /** Gives the memory back to its {@link Staging}. */
  @Override
  void close();
}
