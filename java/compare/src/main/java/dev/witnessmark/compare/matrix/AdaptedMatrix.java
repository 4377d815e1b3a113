package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A base matrix plus a low-rank update, the sum taken in float64 and rounded once to float32: what
 * merging the adapter gives before it is stored. The bounds allow for a merge in float32
 * arithmetic, for keeping its result as {@code keptAs}, and for the quantisation of the base.
 *
 * @param base the matrix that is adapted
 * @param update the update, of the same shape
 * @param keptAs plain type that the sum went through on its way to the other side's storage: F32,
 *     or the base's type where the other side was quantised from a merged checkpoint of that type
 */
public record AdaptedMatrix(Matrix base, LowRank update, TensorType keptAs) implements Matrix {

  public AdaptedMatrix {
    if (keptAs.quantised()) {
      throw new IllegalArgumentException("a sum is not kept as " + keptAs);
    }
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

  /**
   * The type that a merge on top of {@code base} is kept as before it is quantised to {@code
   * target}: BF16, the coarsest in use, unless the base is kept as float32. A target that is not
   * quantised is taken to be written straight from the float32 sum.
   */
  public static TensorType keptAs(TensorType base, TensorType target) {
    if (!target.quantised()) {
      return TensorType.F32;
    }
    return base == TensorType.F32 ? TensorType.F32 : TensorType.BF16;
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
    private final MemorySegment merge;
    private final MemorySegment largest;
    private final MemorySegment wideBounds;
    private final double[] delta = new double[PIECE];
    private final double[] mergeRounding = new double[PIECE];
    private long first;

    Reader(Staging staging) {
      this.staging = staging;
      this.inner = base.reader(staging);
      this.rounding = staging.decoder(keptAs);
      this.values = staging.take(PIECE * (long) Float.BYTES);
      this.wide = staging.take(PIECE * (long) Double.BYTES);
      this.bounds = staging.take(PIECE * (long) Float.BYTES);
      this.merge = staging.take(PIECE * (long) Float.BYTES);
      this.largest = staging.take(PIECE * (long) Float.BYTES);
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
        update.row(row, column, run, delta, mergeRounding);
        for (int j = 0; j < run; j++) {
          double sum = unadapted.getAtIndex(ValueLayout.JAVA_DOUBLE, done + j) + delta[j];
          values.setAtIndex(ValueLayout.JAVA_FLOAT, done + j, (float) sum);
          merge.setAtIndex(ValueLayout.JAVA_FLOAT, done + j, Math.nextUp((float) mergeRounding[j]));
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
      MemorySegment sums = values;
      // BF16 is what models are trained in; the other 16-bit type and blocks have rounded that.
      boolean rounded = base.type().quantised() || base.type() == TensorType.F16;
      boolean unsureBase = rounded && base.bounded();
      MemorySegment baseBounds = unsureBase ? inner.bounds(from, count) : null;
      if (baseBounds != null) {
        // What was kept was the sum with the unquantised base, which may be that much larger.
        for (int i = 0; i < count; i++) {
          float magnitude = Math.abs(values.getAtIndex(ValueLayout.JAVA_FLOAT, i));
          float off = baseBounds.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          largest.setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.nextUp(magnitude + off));
        }
        sums = largest;
      }
      // The bounds of plain types follow from the values alone; there are no stored bytes here.
      rounding.bounds(sums, 0, sums, 0, bounds, 0, count);
      for (int i = 0; i < count; i++) {
        float kept = bounds.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        float merged = merge.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        float ofBase = baseBounds == null ? 0 : baseBounds.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        bounds.setAtIndex(
            ValueLayout.JAVA_FLOAT, i, Math.nextUp(Math.nextUp(kept + merged) + ofBase));
      }
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
      staging.give(merge);
      staging.give(largest);
      staging.give(wideBounds);
    }
  }
}
