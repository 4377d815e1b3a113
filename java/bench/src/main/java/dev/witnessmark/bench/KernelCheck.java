package dev.witnessmark.bench;

import org.jspecify.annotations.Nullable;

/**
 * How a kernel of the user's own compares with what it stands in for.
 *
 * @param kernel its name
 * @param of the kernel that it stands in for
 * @param trials operations that were tried, every shape with every pattern of numbers
 * @param equal of these, those with the oracle's bits
 * @param withinBudget of these, those within the derived budget, the equal ones included
 * @param firstDifference the first result that is not the oracle's, in words; null if there is none
 */
public record KernelCheck(
    String kernel,
    String of,
    long trials,
    long equal,
    long withinBudget,
    @Nullable String firstDifference) {

  /** Whether every result has the oracle's bits. */
  public boolean passed() {
    return equal == trials;
  }
}
