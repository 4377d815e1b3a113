package dev.witnessmark.falsify;

/**
 * A claim with what was found.
 *
 * @param finding what was found
 * @param expected what must be found
 * @param meaning what that means, in a sentence
 */
public record JudgedClaim(Finding finding, Outcome expected, String meaning) {

  /** Whether measurement and control came out as they must. */
  public boolean asExpected() {
    return finding.outcome() == expected;
  }
}
