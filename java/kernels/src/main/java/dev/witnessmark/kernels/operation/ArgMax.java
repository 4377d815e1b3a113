package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

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
