package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * SiLU, with the bits that {@link GatedSilu} has before it multiplies.
 *
 * @param elements how many
 */
public record Silu(long elements) implements Operation {

  public Silu {
    Check.notNegative("elements", elements);
    Check.elements(elements);
  }

  @Override
  public Family family() {
    return Family.SILU;
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
        Operand.in("gate", Element.FLOAT32, elements),
        Operand.out("results", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return Long.toString(elements);
  }

  @Override
  public long arithmeticOperations() {
    return 20 * elements;
  }
}
