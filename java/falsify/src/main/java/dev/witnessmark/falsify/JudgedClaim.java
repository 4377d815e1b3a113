package dev.witnessmark.falsify;

import org.jspecify.annotations.Nullable;

/**
 * A claim with what was found.
 *
 * @param finding what was found
 * @param published what was concluded when it was published; null where it was not claimed then
 * @param expected what must be found
 * @param meaning what that means, in a sentence
 */
public record JudgedClaim(
    Finding finding, @Nullable Outcome published, Outcome expected, String meaning) {

  /** Whether measurement and control came out as they must. */
  public boolean asExpected() {
    return finding.outcome() == expected;
  }
}
