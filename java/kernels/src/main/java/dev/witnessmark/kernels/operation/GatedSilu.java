package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * The product of a gate through SiLU with what it gates.
 *
 * @param elements how many
 */
public record GatedSilu(long elements) implements Operation {

  public GatedSilu {
    Check.notNegative("elements", elements);
    Check.elements(elements);
  }

  @Override
  public Family family() {
    return Family.GATED_SILU;
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
        Operand.in("up", Element.FLOAT32, elements),
        Operand.out("results", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return Long.toString(elements);
  }

  @Override
  public long arithmeticOperations() {
    return 21 * elements;
  }
}
