package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Softmax of rows.
 *
 * @param rows number of rows
 * @param columns length of each
 */
public record Softmax(int rows, int columns) implements Operation {

  public Softmax {
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
  }

  @Override
  public Family family() {
    return Family.SOFTMAX;
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
    long elements = Check.elements(rows, columns);
    return List.of(
        Operand.in("scores", Element.FLOAT32, elements),
        Operand.out("probabilities", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return rows + "×" + columns;
  }

  @Override
  public long arithmeticOperations() {
    return 20 * Check.elements(rows, columns);
  }
}
