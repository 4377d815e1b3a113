package dev.witnessmark.parity.budget;

/**
 * How much of a derived budget some values use.
 *
 * @param used largest share of its budget that a value uses: 1 is all of it, and also how many
 *     times the budget would have been enough
 * @param index of the value that uses most
 * @param unlimited values for which no budget can be derived, and which are not the real ones
 * @param basis where the budget comes from
 */
public record BudgetUse(double used, long index, long unlimited, String basis) {

  /** Whether the budget explains every value. */
  public boolean within() {
    return used <= 1 && unlimited == 0;
  }
}
