package dev.witnessmark.kernels.exact;

/**
 * How an output keeps to its budget.
 *
 * @param output which one
 * @param elements numbers in it
 * @param outside how many are further from the real number than their budget
 * @param unlimited how many have no budget, and are not judged
 * @param used the largest share of its budget that a judged number uses: how many times the budget
 *     would have been enough; infinite if one had to be equal and is not
 * @param worst index of the first number with that share; −1 if none is judged
 */
public record Judgement(
    String output, long elements, long outside, long unlimited, double used, int worst) {

  /** Whether all that is judged is within its budget. */
  public boolean within() {
    return outside == 0;
  }
}
