package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Rounds float32 to float16.
 *
 * @param elements how many
 */
public record ToFloat16(long elements) implements Operation {

  public ToFloat16 {
    Check.notNegative("elements", elements);
    Check.elements(elements);
  }

  @Override
  public Family family() {
    return Family.TO_FLOAT16;
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
        Operand.in("values", Element.FLOAT32, elements),
        Operand.out("halves", Element.FLOAT16, elements));
  }

  @Override
  public String shape() {
    return Long.toString(elements);
  }

  @Override
  public long arithmeticOperations() {
    return 0;
  }
}
