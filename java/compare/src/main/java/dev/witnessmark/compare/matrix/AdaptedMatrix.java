package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A base matrix plus a low-rank update, the sum taken in float64 and rounded once to float32: what
 * merging the adapter gives before it is stored.
 *
 * @param base the matrix that is adapted
 * @param update the update, of the same shape
 */
public record AdaptedMatrix(Matrix base, LowRank update) implements Matrix {

  public AdaptedMatrix {
    if (base.rows() != update.rows() || base.columns() != update.columns()) {
      throw new IllegalArgumentException(
          "[%d, %d] + [%d, %d]"
              .formatted(base.rows(), base.columns(), update.rows(), update.columns()));
    }
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public long rows() {
    return base.rows();
  }

  @Override
  public long columns() {
    return base.columns();
  }

  @Override
  public TensorType type() {
    return TensorType.F32;
  }

  @Override
  public int granularity() {
    return base.granularity();
  }

  @Override
  public boolean bounded() {
    return true;
  }

  @Override
  public MatrixReader reader(Staging staging) {
    return new Reader(staging);
  }

  private final class Reader implements MatrixReader {

    private final Staging staging;
    private final MatrixReader inner;
    private final Decoder rounding;
    private final MemorySegment values;
    private final MemorySegment wide;
    private final MemorySegment bounds;
    private final MemorySegment wideBounds;
    private final double[] delta = new double[PIECE];
    private long first;

    Reader(Staging staging) {
      this.staging = staging;
      this.inner = base.reader(staging);
      this.rounding = staging.decoder(TensorType.F32);
      this.values = staging.take(PIECE * (long) Float.BYTES);
      this.wide = staging.take(PIECE * (long) Double.BYTES);
      this.bounds = staging.take(PIECE * (long) Float.BYTES);
      this.wideBounds = staging.take(PIECE * (long) Double.BYTES);
    }

    @Override
    public void load(long first, int count) throws IOException {
      inner.load(first, count);
      this.first = first;
    }

    @Override
    public @Nullable MemorySegment storedBytes() {
      return null;
    }

    @Override
    public MemorySegment values(int from, int count) {
      MemorySegment unadapted = inner.wideValues(from, count);
      int done = 0;
      while (done < count) {
        int row = (int) ((first + from + done) / columns());
        int column = (int) ((first + from + done) % columns());
        int run = (int) Math.min(columns() - column, count - done);
        update.row(row, column, run, delta);
        for (int j = 0; j < run; j++) {
          double sum = unadapted.getAtIndex(ValueLayout.JAVA_DOUBLE, done + j) + delta[j];
          values.setAtIndex(ValueLayout.JAVA_FLOAT, done + j, (float) sum);
        }
        done += run;
      }
      return values.asSlice(0, count * (long) Float.BYTES);
    }

    @Override
    public MemorySegment wideValues(int from, int count) {
      return Widened.of(values(from, count), count, wide);
    }

    @Override
    public MemorySegment bounds(int from, int count) {
      rounding.bounds(values, 0, values, 0, bounds, 0, count);
      return bounds.asSlice(0, count * (long) Float.BYTES);
    }

    @Override
    public MemorySegment wideBounds(int from, int count) {
      return Widened.of(bounds(from, count), count, wideBounds);
    }

    @Override
    public void close() {
      inner.close();
      staging.give(values);
      staging.give(wide);
      staging.give(bounds);
      staging.give(wideBounds);
    }
  }
}
