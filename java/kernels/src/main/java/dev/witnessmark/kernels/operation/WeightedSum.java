package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Sums of vectors with a weight each: what the experts that a token was sent to give together.
 *
 * @param tokens number of sums
 * @param used vectors of each
 * @param columns length of each
 */
public record WeightedSum(int tokens, int used, int columns) implements Operation {

  public WeightedSum {
    Check.notNegative("tokens", tokens);
    Check.positive("used", used);
    Check.positive("columns", columns);
  }

  @Override
  public Family family() {
    return Family.WEIGHTED_SUM;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(tokens, used, columns);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("parts", Element.FLOAT32, Check.elements(tokens, used, columns)),
        Operand.in("weights", Element.FLOAT32, Check.elements(tokens, used)),
        Operand.out("results", Element.FLOAT32, Check.elements(tokens, columns)));
  }

  @Override
  public String shape() {
    return tokens + "×" + used + "×" + columns;
  }

  @Override
  public long arithmeticOperations() {
    return 2 * Check.elements(tokens, used, columns);
  }
}
