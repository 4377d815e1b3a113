package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * How much one outlier would crush the rest of a block if activations were quantised with one scale
 * for each block: the largest magnitude over the second-largest, two equal ones give 1. A block of
 * zeros counts as 0; one with a single value that is not 0 gives infinity; a NaN in the row, or two
 * infinities in a block, give NaN.
 *
 * @param rows number of vectors
 * @param columns length of each, whole blocks
 * @param block elements of a block, 32 or 256
 */
public record CrushedBlocks(int rows, int columns, int block) implements Operation {

  /**
   * From this ratio on a block is crushed: all others share the smallest sixteen of 127 codes.
   * Ordinary activations of language models stay below it.
   */
  public static final float LIMIT = 8;

  public CrushedBlocks {
    Check.notNegative("rows", rows);
    Check.positive("columns", columns);
    if (block != 32 && block != 256) {
      throw new IllegalArgumentException("block is " + block + ", must be 32 or 256");
    }
    Check.multiple("columns", columns, block);
  }

  @Override
  public Family family() {
    return Family.CRUSHED_BLOCKS;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(rows, columns, block);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("activations", Element.FLOAT32, Check.elements(rows, columns)),
        Operand.out("ratios", Element.FLOAT32, rows));
  }

  @Override
  public String shape() {
    return rows + "×" + columns + " blocks of " + block;
  }

  @Override
  public long arithmeticOperations() {
    return Check.elements(rows, columns) / block;
  }
}
