package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * Products of a matrix with float32 activations, decoded on the way: path {@code f32}.
 *
 * @param type how the weights are stored, any type
 * @param rows rows of the matrix
 * @param columns its columns, whole blocks
 * @param batch number of activation vectors
 */
public record MatVecF32(TensorType type, int rows, int columns, int batch) implements Operation {

  public MatVecF32 {
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
    Check.positive("batch", batch);
    Check.multiple("columns", columns, type.blockElements());
  }

  @Override
  public Family family() {
    return Family.MATVEC_F32;
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
        Operand.in("activations", Element.FLOAT32, Check.elements(batch, columns)),
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
