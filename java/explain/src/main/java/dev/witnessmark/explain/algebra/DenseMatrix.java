package dev.witnessmark.explain.algebra;

import java.util.Arrays;
import java.util.List;

/**
 * A matrix in memory.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param values {@code [rows, columns]}, row-major; not copied, and not to be changed afterwards
 */
public record DenseMatrix(int rows, int columns, double[] values) {

  public DenseMatrix {
    if (rows < 0 || columns < 0 || values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(
          "%d values for [%d, %d]".formatted(values.length, rows, columns));
    }
  }

  /** Zeros. */
  public static DenseMatrix zeros(int rows, int columns) {
    return new DenseMatrix(rows, columns, new double[Math.multiplyExact(rows, columns)]);
  }

  public double at(int row, int column) {
    return values[row * columns + column];
  }

  /** A copy of one row. */
  public double[] row(int row) {
    return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
  }

  /** Rows {@code [from, from + count)}. */
  public DenseMatrix rows(int from, int count) {
    return new DenseMatrix(
        count, columns, Arrays.copyOfRange(values, from * columns, (from + count) * columns));
  }

  /** All rows of all {@code parts}, which have equally many columns. */
  public static DenseMatrix stack(List<DenseMatrix> parts) {
    int columns = parts.getFirst().columns;
    int rows = parts.stream().mapToInt(DenseMatrix::rows).sum();
    DenseMatrix all = zeros(rows, columns);
    int at = 0;
    for (DenseMatrix part : parts) {
      if (part.columns != columns) {
        throw new IllegalArgumentException(part.columns + " columns under " + columns);
      }
      System.arraycopy(part.values, 0, all.values, at, part.values.length);
      at += part.values.length;
    }
    return all;
  }

  public DenseMatrix transposed() {
    double[] turned = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        turned[j * rows + i] = values[i * columns + j];
      }
    }
    return new DenseMatrix(columns, rows, turned);
  }

  /** This plus {@code factor} times {@code other}. */
  public DenseMatrix plus(double factor, DenseMatrix other) {
    double[] sum = new double[values.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = values[i] + factor * other.values[i];
    }
    return new DenseMatrix(rows, columns, sum);
  }

  public DenseMatrix minus(DenseMatrix other) {
    return plus(-1, other);
  }

  /** Row {@code i} times {@code factors[i]}. */
  public DenseMatrix scaledRows(double[] factors) {
    double[] scaled = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        scaled[i * columns + j] = factors[i] * values[i * columns + j];
      }
    }
    return new DenseMatrix(rows, columns, scaled);
  }

  /** Every row scaled to length 1; a row of zeros stays one. */
  public DenseMatrix normalisedRows() {
    double[] factors = rowSquares();
    for (int i = 0; i < factors.length; i++) {
      factors[i] = factors[i] == 0 ? 0 : 1 / Math.sqrt(factors[i]);
    }
    return scaledRows(factors);
  }

  /** This times {@code other}. */
  public DenseMatrix times(DenseMatrix other) {
    return PanelSum.of(PackedPanel.ofTransposed(this), PackedPanel.of(other));
  }

  /** The transpose of this times {@code other}. */
  public DenseMatrix transposedTimes(DenseMatrix other) {
    return PanelSum.of(PackedPanel.of(this), PackedPanel.of(other));
  }

  /** This times the transpose of {@code other}. */
  public DenseMatrix timesTransposed(DenseMatrix other) {
    return PanelSum.of(PackedPanel.ofTransposed(this), PackedPanel.ofTransposed(other));
  }

  /** Sum of squares of every row, columns ascending. */
  public double[] rowSquares() {
    double[] squares = new double[rows];
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      for (int j = 0; j < columns; j++) {
        double value = values[i * columns + j];
        sum += value * value;
      }
      squares[i] = sum;
    }
    return squares;
  }

  /** Sum of squares of all values: the squared Frobenius norm. */
  public double squaredNorm() {
    return Arrays.stream(rowSquares()).sum();
  }

  /** Mean of every column, rows ascending. */
  public double[] columnMeans() {
    double[] means = new double[columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        means[j] += values[i * columns + j];
      }
    }
    for (int j = 0; j < columns; j++) {
      means[j] /= rows;
    }
    return means;
  }

  /** This with the mean of its rows taken off every row. */
  public DenseMatrix centred() {
    double[] means = columnMeans();
    double[] centred = new double[values.length];
    for (int i = 0; i < centred.length; i++) {
      centred[i] = values[i] - means[i % columns];
    }
    return new DenseMatrix(rows, columns, centred);
  }
}
