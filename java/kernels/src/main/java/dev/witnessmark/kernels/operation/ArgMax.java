package dev.witnessmark.kernels.operation;

import java.util.List;

/**
 * The index of the largest value of each row.
 *
 * @param rows number of rows
 * @param columns length of each
 */
public record ArgMax(int rows, int columns) implements Operation {

  public ArgMax {
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
  }

  @Override
  public Family family() {
    return Family.ARG_MAX;
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("values", Element.FLOAT32, Check.elements(rows, columns)),
        Operand.out("indices", Element.INT32, rows));
  }

  @Override
  public String shape() {
    return rows + "×" + columns;
  }

  @Override
  public long arithmeticOperations() {
    return 0;
  }
}
