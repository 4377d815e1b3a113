package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A low-rank update {@code scale · left · right} of a matrix {@code [rows, columns]}, the factors
 * in memory. Entry (i, j) is {@code scale · Σ_k left[i, k] · right[k, j]} in float64, k ascending.
 */
public final class LowRank {

  /** Factors above this many values are refused: a rank this high is no adapter. */
  private static final long MOST_FACTOR_VALUES = 1L << 27;

  /** Half an ulp of 1 in float32. */
  private static final double UNIT_ROUNDOFF = 0x1p-24;

  private final float[] left;
  private final float[] right;
  private final int rows;
  private final int columns;
  private final int rank;
  private final double scale;

  private LowRank(float[] left, float[] right, int rows, int columns, int rank, double scale) {
    this.left = left;
    this.right = right;
    this.rows = rows;
    this.columns = columns;
    this.rank = rank;
    this.scale = scale;
  }

  /**
   * Reads the factors of {@code scale · B · A}, transposed if {@code transposed}.
   *
   * @param a {@code [rank, in]}
   * @param b {@code [out, rank]}
   */
  public static LowRank read(TensorView a, TensorView b, double scale, boolean transposed)
      throws IOException {
    float[] outByRank = values(b);
    float[] rankByIn = values(a);
    int rank = (int) a.shape().rows();
    int out = (int) b.shape().rows();
    int in = (int) a.shape().columns();
    return transposed
        ? new LowRank(
            transpose(rankByIn, rank, in), transpose(outByRank, out, rank), in, out, rank, scale)
        : new LowRank(outByRank, rankByIn, out, in, rank, scale);
  }

  private static float[] values(TensorView view) throws IOException {
    long elements = view.shape().elements();
    if (elements > MOST_FACTOR_VALUES) {
      throw new Refusal.LimitExceeded(
          view.source().name(),
          view.name(),
          view.offset(),
          "number of values of a low-rank factor",
          elements,
          MOST_FACTOR_VALUES);
    }
    float[] values = new float[(int) elements];
    try (Staging staging = new Staging(KernelChoice.forValues(elements));
        MatrixReader reader = StoredMatrix.of(view).reader(staging)) {
      for (int first = 0; first < values.length; first += MatrixReader.CHUNK) {
        int count = Math.min(MatrixReader.CHUNK, values.length - first);
        reader.load(first, count);
        for (int from = 0; from < count; from += MatrixReader.PIECE) {
          int piece = Math.min(MatrixReader.PIECE, count - from);
          MemorySegment.copy(
              reader.values(from, piece), ValueLayout.JAVA_FLOAT, 0, values, first + from, piece);
        }
      }
    }
    return values;
  }

  private static float[] transpose(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j * rows + i] = matrix[i * columns + j];
      }
    }
    return result;
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  public int rank() {
    return rank;
  }

  /** {@code scale · left}, {@code [rows, rank]} row-major. */
  public double[] scaledLeft() {
    double[] factor = new double[left.length];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = scale * left[i];
    }
    return factor;
  }

  /** {@code right}, {@code [rank, columns]} row-major. */
  public double[] right() {
    double[] factor = new double[right.length];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = right[i];
    }
    return factor;
  }

  /**
   * Writes entries {@code [column, column + count)} of row {@code row} to {@code update}, and to
   * {@code rounding} how far the same sum of products, taken in float32 in any order with or
   * without fused operations, can be from them: {@code γ · scale · Σ_k |left[i, k] · right[k, j]|}
   * with {@code γ = n·2^-24 / (1 − n·2^-24)} for n = rank + 2 roundings (N. Higham, Accuracy and
   * Stability of Numerical Algorithms, §3.1).
   */
  public void row(int row, int column, int count, double[] update, double[] rounding) {
    Arrays.fill(update, 0, count, 0.0);
    Arrays.fill(rounding, 0, count, 0.0);
    for (int k = 0; k < rank; k++) {
      double factor = left[row * rank + k];
      int at = k * columns + column;
      for (int j = 0; j < count; j++) {
        double product = factor * right[at + j];
        update[j] += product;
        rounding[j] += Math.abs(product);
      }
    }
    double roundings = (rank + 2) * UNIT_ROUNDOFF;
    double share = Math.abs(scale) * roundings / (1 - roundings);
    for (int j = 0; j < count; j++) {
      update[j] *= scale;
      rounding[j] *= share;
    }
  }
}
