package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * Decodes stored values.
 *
 * @param type how they are stored, any type
 * @param elements how many, whole blocks
 */
public record Dequantise(TensorType type, long elements) implements Operation {

  public Dequantise {
    Check.notNegative("elements", elements);
    Check.elements(elements);
    Check.multiple("elements", elements, type.blockElements());
  }

  @Override
  public Family family() {
    return Family.DEQUANTISE;
  }

  @Override
  public Optional<String> variant() {
    return Optional.of(type.name());
  }

  @Override
  public List<Number> parameters() {
    return List.of(elements);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("stored", Element.BYTE, type.bytes(elements)),
        Operand.out("values", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return type + " " + elements;
  }

  @Override
  public long arithmeticOperations() {
    return 0;
  }
}
