package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * Quantises activations to blocks.
 *
 * @param type {@link TensorType#Q8_K} or {@link TensorType#Q8_0}, laid out as in GGUF
 * @param rows number of vectors
 * @param columns length of each, whole blocks
 */
public record QuantiseActivations(TensorType type, int rows, int columns) implements Operation {

  public QuantiseActivations {
    Check.oneOf("type", type, List.of(TensorType.Q8_K, TensorType.Q8_0));
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
    Check.multiple("columns", columns, type.blockElements());
  }

  @Override
  public Family family() {
    return Family.QUANTISE;
  }

  @Override
  public Optional<String> variant() {
    return Optional.of(type.name());
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
        Operand.out("blocks", Element.BYTE, type.bytes(elements)));
  }

  @Override
  public String shape() {
    return type + " " + rows + "×" + columns;
  }

  @Override
  public long arithmeticOperations() {
    return 0;
  }
}
