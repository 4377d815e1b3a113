package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoders;
import java.util.List;
import java.util.Optional;

/**
 * How far stored values can be from what was stored.
 *
 * @param type how they are stored: one whose rounding has a {@linkplain Decoders#hasDerivedBound
 *     bound}
 * @param elements how many, whole blocks
 */
public record RoundingBounds(TensorType type, long elements) implements Operation {

  public RoundingBounds {
    if (!Decoders.hasDerivedBound(type)) {
      throw new IllegalArgumentException("no bound on the rounding of %s is known".formatted(type));
    }
    Check.notNegative("elements", elements);
    Check.elements(elements);
    Check.multiple("elements", elements, type.blockElements());
  }

  @Override
  public Family family() {
    return Family.ROUNDING_BOUNDS;
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
        Operand.out("bounds", Element.FLOAT32, elements));
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
