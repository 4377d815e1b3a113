package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Softmax of the scores of attention. Query i is at position {@code cached - queries + i}; its
 * later positions are not read, and their probabilities are +0.
 *
 * @param heads query heads
 * @param queries number of positions that ask, the last ones of the sequence
 * @param cached positions of the sequence, those of the queries included
 */
public record CausalSoftmax(int heads, int queries, int cached) implements Operation {

  public CausalSoftmax {
    Check.positive("heads", heads);
    Check.positive("queries", queries);
    Check.notMore("queries", queries, "cached", cached);
  }

  /** Who sees which position. */
  public CausalMask mask() {
    return new CausalMask(queries, cached);
  }

  @Override
  public Family family() {
    return Family.CAUSAL_SOFTMAX;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(heads, queries, cached);
  }

  @Override
  public List<Operand> operands() {
    long elements = Check.elements(heads, queries, cached);
    return List.of(
        Operand.in("scores", Element.FLOAT32, elements),
        Operand.out("probabilities", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return "heads=%d q=%d cached=%d".formatted(heads, queries, cached);
  }

  @Override
  public long arithmeticOperations() {
    return Check.elements(mask().pairs(), heads, 20);
  }
}
