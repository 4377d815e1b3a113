package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * Decodes rows of a table by their numbers. Numbers outside the table are the caller's fault, and a
 * device answers them with a row of NaN, never with memory beyond the table.
 *
 * @param type how the table is stored, any type
 * @param rows rows of the table
 * @param columns its columns, whole blocks
 * @param tokens how many rows are asked for
 */
public record Gather(TensorType type, int rows, int columns, int tokens) implements Operation {

  public Gather {
    Check.positive("rows", rows);
    Check.positive("columns", columns);
    Check.notNegative("tokens", tokens);
    Check.multiple("columns", columns, type.blockElements());
  }

  @Override
  public Family family() {
    return Family.GATHER;
  }

  @Override
  public Optional<String> variant() {
    return Optional.of(type.name());
  }

  @Override
  public List<Number> parameters() {
    return List.of(rows, columns, tokens);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("table", Element.BYTE, type.bytes(Check.elements(rows, columns))),
        Operand.in("tokens", Element.INT32, tokens),
        Operand.out("results", Element.FLOAT32, Check.elements(tokens, columns)));
  }

  /** The rows that are asked for, not the whole table. */
  @Override
  public long bytesMoved() {
    long asked = Check.elements(tokens, columns);
    return type.bytes(asked) + 4L * tokens + 4 * asked;
  }

  @Override
  public String shape() {
    return type + " " + rows + "×" + columns + " tokens=" + tokens;
  }

  @Override
  public long arithmeticOperations() {
    return 0;
  }
}
