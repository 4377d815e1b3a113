package dev.witnessmark.compare.diagnose;

import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A cheap look at how far apart two matrices are: a few rows, evenly spread. */
final class RowSample {

  /** Enough that unrelated rows do not agree by chance, few enough to try many views. */
  private static final int ROWS = 6;

  /** Values of each row: reading a transposed view costs a read per value. */
  private static final int COLUMNS = 512;

  private RowSample() {}

  /** ‖Δ‖ / ‖A‖ over the sampled rows; NaN if they are zero or hold non-finite values. */
  static double relative(Matrix a, Matrix b, Staging staging) throws IOException {
    double deltaSquared = 0;
    double aSquared = 0;
    try (MatrixReader readerA = a.reader(staging);
        MatrixReader readerB = b.reader(staging)) {
      int count = (int) Math.min(a.columns(), COLUMNS);
      long step = Math.max(1, a.rows() / ROWS);
      for (long row = step / 2; row < a.rows(); row += step) {
        readerA.load(row * a.columns(), count);
        readerB.load(row * b.columns(), count);
        MemorySegment valuesA = readerA.values(0, count);
        MemorySegment valuesB = readerB.values(0, count);
        for (int i = 0; i < count; i++) {
          double x = valuesA.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          double delta = x - valuesB.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          deltaSquared += delta * delta;
          aSquared += x * x;
        }
      }
    }
    return Math.sqrt(deltaSquared / aSquared);
  }
}
