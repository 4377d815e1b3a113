package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Root-mean-square normalisation of rows.
 *
 * @param rows number of vectors
 * @param columns length of each
 * @param epsilon added to the mean square, at least 0
 */
public record RmsNorm(int rows, int columns, float epsilon) implements Operation {

  public RmsNorm {
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
    if (!(epsilon >= 0) || Float.isInfinite(epsilon)) {
      throw new IllegalArgumentException("epsilon is " + epsilon + ", must be finite and ≥ 0");
    }
  }

  @Override
  public Family family() {
    return Family.RMS_NORM;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(rows, columns, epsilon);
  }

  @Override
  public List<Operand> operands() {
    long elements = Check.elements(rows, columns);
    return List.of(
        Operand.in("activations", Element.FLOAT32, elements),
        Operand.in("weights", Element.FLOAT32, columns),
        Operand.out("results", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return rows + "×" + columns + " ε=" + epsilon;
  }

  @Override
  public long arithmeticOperations() {
    return 4 * Check.elements(rows, columns);
  }
}
