package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.operation.Base17;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Row fingerprints: seventeen running sums side by side, an octave at a time. Rows in float16 and
 * bfloat16 are widened first, some octaves at a time.
 */
final class VectorBase17 {

  /** Octaves that are taken at once. */
  private static final int STRETCH = 256;

  private final MemorySegment wide =
      Scratch.allocate((long) Float.BYTES * STRETCH * Base17.DIMENSIONS);
  private final double[] sums = new double[Base17.DIMENSIONS];

  void run(Decoder decoder, Base17 o, MemorySegment rows, MemorySegment fingerprints) {
    for (int row = 0; row < o.rows(); row++) {
      Arrays.fill(sums, 0);
      long first = (long) row * o.columns();
      long octaves = o.columns() / Base17.DIMENSIONS;
      for (long octave = 0; octave < octaves; octave += STRETCH) {
        int count = (int) Math.min(STRETCH, octaves - octave);
        MemorySegment source = rows;
        long at = o.type().bytes(first + octave * Base17.DIMENSIONS);
        if (o.type() != TensorType.F32) {
          decoder.decode(rows, at, wide, 0, count * Base17.DIMENSIONS);
          source = wide;
          at = 0;
        }
        int skipped = (int) ((o.stride() - octave % o.stride()) % o.stride());
        add(source, at, skipped, count, o.stride(), sums);
      }
      finish(o, rows, row, fingerprints);
    }
  }

  /** Adds every {@code stride}-th octave from {@code first} on, each of seventeen columns. */
  private static void add(
      MemorySegment rows, long at, int first, int octaves, int stride, double[] sums) {
    for (int octave = first; octave < octaves; octave += stride) {
      long from = at + 4L * Base17.DIMENSIONS * octave;
      for (int column = 0; column < Base17.DIMENSIONS; column++) {
        sums[column] += Values.f32At(rows, from + 4L * column);
      }
    }
  }

  /** Adds what is left of an octave that is cut short, and writes the means. */
  private void finish(Base17 o, MemorySegment rows, int row, MemorySegment fingerprints) {
    long whole = o.columns() / Base17.DIMENSIONS;
    boolean more = whole % o.stride() == 0;
    long visited = Math.ceilDiv(whole, o.stride());
    int rest = more ? o.columns() % Base17.DIMENSIONS : 0;
    for (int b = 0; b < Base17.DIMENSIONS; b++) {
      int column = Base17.GOLDEN_STEP * b % Base17.DIMENSIONS;
      double sum = sums[column];
      long count = visited;
      if (column < rest) {
        sum +=
            ScalarBase17.element(
                o, rows, (long) row * o.columns() + whole * Base17.DIMENSIONS + column);
        count++;
      }
      int mean = count == 0 ? 0 : ScalarBase17.rounded(sum / count * Base17.SCALE);
      Values.setI16(fingerprints, (long) row * Base17.DIMENSIONS + b, mean);
    }
  }
}
