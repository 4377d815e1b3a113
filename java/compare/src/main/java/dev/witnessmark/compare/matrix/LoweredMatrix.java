package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A matrix to whose values a constant was added before they were stored, read without it. The
 * bounds are those of the stored values: what the addition was rounded to.
 *
 * @param stored the matrix as stored
 * @param raised the constant
 */
public record LoweredMatrix(Matrix stored, int raised) implements Matrix {

  @Override
  public String name() {
    return stored.name();
  }

  @Override
  public String storedName() {
    return stored.storedName();
  }

  @Override
  public long rows() {
    return stored.rows();
  }

  @Override
  public long columns() {
    return stored.columns();
  }

  @Override
  public TensorType type() {
    return stored.type();
  }

  /** The sum was rounded, whatever the type. */
  @Override
  public boolean isCoded() {
    return true;
  }

  @Override
  public boolean bounded() {
    return stored.bounded();
  }

  @Override
  public MatrixReader reader(Staging staging) {
    MatrixReader inner = stored.reader(staging);
    MemorySegment values = staging.take(MatrixReader.PIECE * (long) Float.BYTES);
    MemorySegment wide = staging.take(MatrixReader.PIECE * (long) Double.BYTES);
    return new MatrixReader() {
      @Override
      public void load(long first, int count) throws IOException {
        inner.load(first, count);
      }

      @Override
      public @Nullable MemorySegment storedBytes() {
        return null;
      }

      @Override
      public MemorySegment values(int from, int count) {
        MemorySegment raisedValues = inner.values(from, count);
        for (int i = 0; i < count; i++) {
          float value = raisedValues.getAtIndex(ValueLayout.JAVA_FLOAT, i) - raised;
          values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
        return values.asSlice(0, count * (long) Float.BYTES);
      }

      @Override
      public MemorySegment wideValues(int from, int count) {
        MemorySegment raisedValues = inner.wideValues(from, count);
        for (int i = 0; i < count; i++) {
          double value = raisedValues.getAtIndex(ValueLayout.JAVA_DOUBLE, i) - raised;
          wide.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
        }
        return wide.asSlice(0, count * (long) Double.BYTES);
      }

      @Override
      public MemorySegment bounds(int from, int count) {
        return inner.bounds(from, count);
      }

      @Override
      public MemorySegment wideBounds(int from, int count) {
        return inner.wideBounds(from, count);
      }

      @Override
      public void close() {
        inner.close();
        staging.give(values);
        staging.give(wide);
      }
    };
  }
}
