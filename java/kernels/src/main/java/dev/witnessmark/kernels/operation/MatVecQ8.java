package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Products of a quantised matrix with quantised activations, integer inside a block: path {@code
 * q8}.
 *
 * @param type how the weights are stored, one of {@link #TYPES}
 * @param rows rows of the matrix
 * @param columns its columns, whole blocks
 * @param batch number of activation vectors
 */
public record MatVecQ8(TensorType type, int rows, int columns, int batch) implements Operation {

  /** The types that have an integer product. */
  public static final Set<TensorType> TYPES =
      Set.of(
          TensorType.Q2_K,
          TensorType.Q3_K,
          TensorType.Q4_K,
          TensorType.Q5_K,
          TensorType.Q6_K,
          TensorType.IQ4_XS,
          TensorType.Q4_0,
          TensorType.Q4_1,
          TensorType.Q5_0,
          TensorType.Q5_1,
          TensorType.Q8_0,
          TensorType.IQ4_NL);

  public MatVecQ8 {
    Check.oneOf("type", type, TYPES);
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
    Check.positive("batch", batch);
    Check.multiple("columns", columns, type.blockElements());
  }

  /** How the activations are stored: in blocks of as many elements as those of the weights. */
  public TensorType activationType() {
    return type.blockElements() == TensorType.Q8_K.blockElements()
        ? TensorType.Q8_K
        : TensorType.Q8_0;
  }

  @Override
  public Family family() {
    return Family.MATVEC_Q8;
  }

  @Override
  public Optional<String> variant() {
    return Optional.of(type.name());
  }

  @Override
  public List<Number> parameters() {
    return List.of(rows, columns, batch);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("weights", Element.BYTE, type.bytes(Check.elements(rows, columns))),
        Operand.in(
            "activations", Element.BYTE, activationType().bytes(Check.elements(batch, columns))),
        Operand.out("results", Element.FLOAT32, Check.elements(batch, rows)));
  }

  @Override
  public String shape() {
    return type + " " + rows + "×" + columns + " b=" + batch;
  }

  @Override
  public long arithmeticOperations() {
    return 2 * Check.elements(rows, columns, batch);
  }
}
