package dev.witnessmark.compare.stream;

import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.TopDifferences;
import org.jspecify.annotations.Nullable;

/** What streaming one pair gives; the judge turns it into a result. */
sealed interface PairResult {

  /**
   * Same type and same bytes throughout.
   *
   * @param nonZero true if some value is a number other than zero, so that the cosine is defined
   */
  record SameBytes(boolean nonZero) implements PairResult {}

  /**
   * Compared value by value.
   *
   * @param sums totals over all pairs
   * @param floor use of the rounding allowance, or null if there is none
   * @param top pairs with the largest |Δ|
   * @param rowsMoved rows in which a value differs
   * @param topRows rows that moved most
   */
  record Compared(
      DifferenceSums sums,
      @Nullable FloorSums floor,
      TopDifferences top,
      long rowsMoved,
      TopRows topRows)
      implements PairResult {}

  /**
   * Could not be read to the end.
   *
   * @param reason why
   */
  record Failed(String reason) implements PairResult {}
}
