package dev.witnessmark.format.testing;

import dev.witnessmark.format.Refusal;

/**
 * A malformed file and the way in which it must be refused.
 *
 * @param what is wrong
 */
public record Malformed(String what, byte[] file, Class<? extends Refusal> refusal) {

  @Override
  public String toString() {
    return what;
  }
}
