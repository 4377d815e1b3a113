package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive rows of another matrix: one part of a fused tensor, one expert of a stack.
 *
 * @param whole the matrix they are rows of
 * @param name what the rows are
 * @param firstRow first row in {@code whole}
 * @param rows number of rows
 */
public record RowSlice(Matrix whole, String name, long firstRow, long rows) implements Matrix {

  public RowSlice {
    if (firstRow < 0 || rows < 0 || rows > whole.rows() - firstRow) {
      throw new IllegalArgumentException(
          "rows %d + %d of %d".formatted(firstRow, rows, whole.rows()));
    }
  }

  @Override
  public String storedName() {
    return whole.storedName();
  }

  @Override
  public long columns() {
    return whole.columns();
  }

  @Override
  public TensorType type() {
    return whole.type();
  }

  @Override
  public boolean isCoded() {
    return whole.isCoded();
  }

  @Override
  public boolean isStored() {
    return whole.isStored();
  }

  @Override
  public boolean isSwapped() {
    return whole.isSwapped();
  }

  @Override
  public boolean bounded() {
    return whole.bounded();
  }

  @Override
  public MatrixReader reader(Staging staging) {
    MatrixReader reader = whole.reader(staging);
    long shift = firstRow * whole.columns();
    return new MatrixReader() {
      @Override
      public void load(long first, int count) throws IOException {
        reader.load(shift + first, count);
      }

      @Override
      public void load(long first, int count, MemorySegment memory) throws IOException {
        reader.load(shift + first, count, memory);
      }

      @Override
      public @Nullable MemorySegment storedBytes() {
        return reader.storedBytes();
      }

      @Override
      public MemorySegment values(int from, int count) {
        return reader.values(from, count);
      }

      @Override
      public MemorySegment boundedValues(int from, int count) {
        return reader.boundedValues(from, count);
      }

      @Override
      public MemorySegment wideValues(int from, int count) {
        return reader.wideValues(from, count);
      }

      @Override
      public MemorySegment bounds(int from, int count) {
        return reader.bounds(from, count);
      }

      @Override
      public MemorySegment wideBounds(int from, int count) {
        return reader.wideBounds(from, count);
      }

      @Override
      public void close() {
        reader.close();
      }
    };
  }
}
