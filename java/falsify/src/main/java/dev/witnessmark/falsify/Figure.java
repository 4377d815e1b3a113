package dev.witnessmark.falsify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number that an experiment gave.
 *
 * @param name what it is, with its unit
 * @param measured with as many digits as the reference has
 * @param values the number, or the numbers, in full; none for checksums
 * @param reference what it is held against, or null for what is added here
 */
public record Figure(
    String name, String measured, List<Double> values, @Nullable Reference reference) {

  public Figure {
    values = List.copyOf(values);
  }

  /** Whether every digit of the reference came out; true where there is none. */
  public boolean agrees() {
    return reference == null || reference.text().equals(measured);
  }
}
