package dev.witnessmark.explain.source;

import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.SingularVectors;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import java.io.IOException;
import java.util.Arrays;

/** A matrix {@code [rows, columns]} that is read block by block in double precision. */
public sealed interface Blocks
    permits StoredBlocks, Blocks.Difference, Blocks.Product, Blocks.ChosenRows, Blocks.ScaledRows {

  /**
   * Columns at which a block may begin: a multiple of the length of every block of quantised
   * values.
   */
  int ALIGNMENT = 256;

  /** What the values are, for messages. */
  String name();

  int rows();

  int columns();

  /**
   * Values of rows {@code [row, row + rows)} and columns {@code [column, column + columns)}.
   *
   * @param column a multiple of {@link #ALIGNMENT}
   * @param columns likewise, unless they go up to the last
   * @throws IOException if the file cannot be read or became shorter
   */
  DenseMatrix block(int row, int rows, int column, int columns) throws IOException;

  /** Tuned minus base, each widened first. */
  record Difference(Blocks base, Blocks tuned) implements Blocks {

    @Override
    public String name() {
      return tuned.name();
    }

    @Override
    public int rows() {
      return base.rows();
    }

    @Override
    public int columns() {
      return base.columns();
    }

    @Override
    public DenseMatrix block(int row, int rows, int column, int columns) throws IOException {
      return tuned.block(row, rows, column, columns).minus(base.block(row, rows, column, columns));
    }
  }

  /**
   * The product of two factors in memory.
   *
   * @param left {@code [rows, rank]}
   * @param right {@code [rank, columns]}
   */
  record Product(String name, DenseMatrix left, DenseMatrix right) implements Blocks {

    @Override
    public int rows() {
      return left.rows();
    }

    @Override
    public int columns() {
      return right.columns();
    }

    @Override
    public DenseMatrix block(int row, int rows, int column, int columns) {
      DenseMatrix part = DenseMatrix.zeros(right.rows(), columns);
      for (int k = 0; k < right.rows(); k++) {
        System.arraycopy(
            right.values(), k * right.columns() + column, part.values(), k * columns, columns);
      }
      return left.rows(row, rows).times(part);
    }

    /** {@code Δ·Δᵀ} from the factors: of {@code left·U·S} where {@code right = U·S·Vᵀ}. */
    SymmetricMatrix gramOfRows() {
      SingularVectors.Decomposition svd = SingularVectors.decompose(right);
      return SymmetricMatrix.gramOfRows(left.timesTransposed(svd.left().scaledRows(svd.values())));
    }

    /** {@code Δᵀ·Δ} from the factors: of {@code S·Vᵀ·right} where {@code left = U·S·Vᵀ}. */
    SymmetricMatrix gramOfColumns() {
      SingularVectors.Decomposition svd = SingularVectors.decompose(left);
      return SymmetricMatrix.gramOfColumns(svd.right().scaledRows(svd.values()).times(right));
    }
  }

  /**
   * Rows of another matrix, some of them several times.
   *
   * @param order for every row here the one of {@code matrix} that it is
   */
  record ChosenRows(Blocks matrix, int[] order) implements Blocks {

    @Override
    public String name() {
      return matrix.name();
    }

    @Override
    public int rows() {
      return order.length;
    }

    @Override
    public int columns() {
      return matrix.columns();
    }

    @Override
    public DenseMatrix block(int row, int rows, int column, int columns) throws IOException {
      int first = Arrays.stream(order, row, row + rows).min().orElse(0);
      int last = Arrays.stream(order, row, row + rows).max().orElse(-1);
      DenseMatrix source = matrix.block(first, last + 1 - first, column, columns);
      DenseMatrix chosen = DenseMatrix.zeros(rows, columns);
      for (int i = 0; i < rows; i++) {
        System.arraycopy(
            source.values(),
            (order[row + i] - first) * columns,
            chosen.values(),
            i * columns,
            columns);
      }
      return chosen;
    }
  }

  /**
   * Rows of another matrix, each times a number.
   *
   * @param factors one per row
   */
  record ScaledRows(Blocks matrix, double[] factors) implements Blocks {

    @Override
    public String name() {
      return matrix.name();
    }

    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int columns() {
      return matrix.columns();
    }

    @Override
    public DenseMatrix block(int row, int rows, int column, int columns) throws IOException {
      return matrix
          .block(row, rows, column, columns)
          .scaledRows(Arrays.copyOfRange(factors, row, row + rows));
    }
  }
}
