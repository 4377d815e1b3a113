package dev.witnessmark.falsify;

import org.jspecify.annotations.Nullable;

/**
 * A number that an experiment gave.
 *
 * @param name what it is, with its unit
 * @param measured with as many digits as the reference has
 * @param value the number in full, or null for checksums and lists
 * @param reference what it is held against, or null for what is added here
 */
public record Figure(
    String name, String measured, @Nullable Double value, @Nullable Reference reference) {

  /** Whether every digit of the reference came out; true where there is none. */
  public boolean agrees() {
    return reference == null || reference.text().equals(measured);
  }
}
