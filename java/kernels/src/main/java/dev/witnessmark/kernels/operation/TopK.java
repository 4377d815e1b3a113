package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * The largest values of each row with their indices.
 *
 * @param rows number of rows
 * @param columns length of each
 * @param k how many of each row, at most {@code columns} and {@value #MOST}
 */
public record TopK(int rows, int columns, int k) implements Operation {

  /** The largest {@link #k}: what one thread block can keep sorted. */
  public static final int MOST = 128;

  public TopK {
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
    Check.positive("k", k);
    if (k > Math.min(columns, MOST)) {
      throw new IllegalArgumentException(
          "k is " + k + ", must not exceed columns " + columns + " or " + MOST);
    }
  }

  @Override
  public Family family() {
    return Family.TOP_K;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(rows, columns, k);
  }

  @Override
  public List<Operand> operands() {
    long kept = Check.elements(rows, k);
    return List.of(
        Operand.in("values", Element.FLOAT32, Check.elements(rows, columns)),
        Operand.out("largest", Element.FLOAT32, kept),
        Operand.out("indices", Element.INT32, kept));
  }

  @Override
  public String shape() {
    return rows + "×" + columns + " k=" + k;
  }

  @Override
  public long arithmeticOperations() {
    return 0;
  }
}
