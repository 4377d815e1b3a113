package dev.witnessmark.kernels.operation;

import dev.witnessmark.kernels.difference.JudgedSegment;
import java.util.List;
import java.util.Optional;

/**
 * Holds the differences of two matrices of float32 against what rounding allows: one {@link
 * JudgedSegment} for each segment of each row.
 *
 * @param rows rows of both
 * @param columns elements of a row
 */
public record Judge(long rows, long columns) implements Operation {

  public Judge {
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
    return Family.JUDGE;
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
        Operand.in("boundsA", Element.FLOAT32, rows * columns),
        Operand.in("boundsB", Element.FLOAT32, rows * columns),
        Operand.out("segments", Element.BYTE, JudgedSegment.BYTES * segments().count()));
  }

  @Override
  public String shape() {
    return rows + "×" + columns;
  }

  @Override
  public long arithmeticOperations() {
    return 6 * rows * columns;
  }
}
