package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Adds two sequences.
 *
 * @param elements how many
 */
public record Add(long elements) implements Operation {

  public Add {
    Check.notNegative("elements", elements);
    Check.elements(elements);
  }

  @Override
  public Family family() {
    return Family.ADD;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(elements);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("a", Element.FLOAT32, elements),
        Operand.in("b", Element.FLOAT32, elements),
        Operand.out("results", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return Long.toString(elements);
  }

  @Override
  public long arithmeticOperations() {
    return elements;
  }
}
