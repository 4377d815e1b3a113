package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Rotary position embedding of heads.
 *
 * @param layout which elements of a head form a pair
 * @param positions number of positions, one row of the table each
 * @param heads heads at each position
 * @param headSize elements of a head
 * @param rotated how many of them are rotated, the first ones, an even number; the rest is copied
 */
public record Rotary(Layout layout, int positions, int heads, int headSize, int rotated)
    implements Operation {

  /** Which two elements are rotated by angle i. */
  public enum Layout {
    /** i and i + rotated/2. */
    NEOX,
    /** 2i and 2i + 1. */
    INTERLEAVED
  }

  public Rotary {
    Check.notNegative("positions", positions);
    Check.positive("heads", heads);
    Check.positive("headSize", headSize);
    Check.notNegative("rotated", rotated);
    Check.multiple("rotated", rotated, 2);
    Check.notMore("rotated", rotated, "headSize", headSize);
  }

  @Override
  public Family family() {
    return Family.ROTARY;
  }

  @Override
  public Optional<String> variant() {
    return Optional.of(layout.name());
  }

  @Override
  public List<Number> parameters() {
    return List.of(positions, heads, headSize, rotated);
  }

  @Override
  public List<Operand> operands() {
    long elements = Check.elements(positions, heads, headSize);
    return List.of(
        Operand.in("activations", Element.FLOAT32, elements),
        Operand.in("table", Element.FLOAT32, Check.elements(positions, rotated)),
        Operand.out("results", Element.FLOAT32, elements));
  }

  @Override
  public String shape() {
    return layout + " " + positions + "×" + heads + "×" + headSize + " rotated=" + rotated;
  }

  @Override
  public long arithmeticOperations() {
    return 3 * Check.elements(positions, heads, rotated);
  }
}
