package dev.witnessmark.compare.diagnose;

import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which head of B is which of A, told by the middle row of each. */
final class HeadMatch {

  /** Unrelated rows are about √2 apart. */
  private static final double RELATED = 0.5;

  private static final int MOST_HEADS = 256;

  /** Values of a row that are looked at: every row may meet every other. */
  private static final int COLUMNS = 64;

  private HeadMatch() {}

  /**
   * The order of b's heads that makes them a's, if they are the same heads and some have changed
   * places; else null.
   *
   * @param heads divides the rows
   */
  static @Nullable List<Integer> order(Matrix a, Matrix b, int heads, Staging staging)
      throws IOException {
    if (heads < 2 || heads > MOST_HEADS) {
      return null;
    }
    float[][] rowsA = rows(a, heads, staging);
    float[][] rowsB = rows(b, heads, staging);
    List<Integer> order = new ArrayList<>(Collections.nCopies(heads, -1));
    List<Integer> displaced = new ArrayList<>();
    for (int head = 0; head < heads; head++) {
      if (related(rowsA[head], rowsB[head])) {
        order.set(head, head);
      } else {
        displaced.add(head);
      }
    }
    BitSet taken = new BitSet(heads);
    for (int head : displaced) {
      for (int from : displaced) {
        if (!taken.get(from) && related(rowsA[head], rowsB[from])) {
          taken.set(from);
          order.set(head, from);
          break;
        }
      }
      if (order.get(head) < 0) {
        return null;
      }
    }
    return displaced.isEmpty() ? null : order;
  }

  private static boolean related(float[] a, float[] b) {
    double deltaSquared = 0;
    double aSquared = 0;
    for (int i = 0; i < a.length; i++) {
      double delta = (double) a[i] - b[i];
      deltaSquared += delta * delta;
      aSquared += (double) a[i] * a[i];
    }
    return deltaSquared < RELATED * RELATED * aSquared;
  }

  private static float[][] rows(Matrix matrix, int heads, Staging staging) throws IOException {
    long perHead = matrix.rows() / heads;
    // Whole blocks are read, of which the first values are looked at.
    int count = (int) Math.min(matrix.columns(), Math.max(COLUMNS, matrix.granularity()));
    float[][] rows = new float[heads][Math.min(count, COLUMNS)];
    try (MatrixReader reader = matrix.reader(staging)) {
      for (int head = 0; head < heads; head++) {
        reader.load((head * perHead + perHead / 2) * matrix.columns(), count);
        MemorySegment.copy(
            reader.values(0, count), ValueLayout.JAVA_FLOAT, 0, rows[head], 0, rows[head].length);
      }
    }
    return rows;
  }
}
