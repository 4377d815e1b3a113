package dev.witnessmark.kernels.operation;

import dev.witnessmark.kernels.difference.ComparedSegment;
import dev.witnessmark.kernels.difference.MagnitudeHistogram;
import java.util.List;
import java.util.Optional;

/**
 * The comparator's one pass over two matrices of float32: one {@link ComparedSegment} for each
 * segment of each row and one histogram for all.
 *
 * <p>The histogram counts the finite pairs by |a − b| in the 256 bins of {@link
 * MagnitudeHistogram}, as int64.
 *
 * @param rows rows of both
 * @param columns elements of a row
 */
public record Compare(long rows, long columns) implements Operation {

  /** Bins of the histogram. */
  public static final int BINS = MagnitudeHistogram.BINS;

  public Compare {
    Check.notNegative("rows", rows);
    Check.notNegative("columns", columns);
    Check.elements(rows, columns);
  }

  /** How the rows are cut. */
  public RowSegments segments() {
    return new RowSegments(rows, columns);
  }

  @Override
  public Family family() {
    return Family.COMPARE;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(rows, columns);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("a", Element.FLOAT32, rows * columns),
        Operand.in("b", Element.FLOAT32, rows * columns),
        Operand.out("segments", Element.BYTE, ComparedSegment.BYTES * segments().count()),
        Operand.out("histogram", Element.INT64, BINS));
  }

  @Override
  public String shape() {
    return rows + "×" + columns;
  }

  @Override
  public long arithmeticOperations() {
    return 11 * rows * columns;
  }
}
