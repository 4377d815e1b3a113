package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Adds the same numbers to every row.
 *
 * @param rows number of vectors
 * @param columns length of each, and of the bias
 */
public record AddBias(int rows, int columns) implements Operation {

  public AddBias {
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
  }

  @Override
  public Family family() {
    return Family.ADD_BIAS;
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
        Operand.in("activations", Element.FLOAT32, elements),
        Operand.in("bias", Element.FLOAT32, columns),
        Operand.out("results", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return rows + "×" + columns;
  }

  @Override
  public long arithmeticOperations() {
    return Check.elements(rows, columns);
  }
}
