package dev.witnessmark.causal.diff;

/**
 * What happened to one tensor.
 *
 * @param tensor the pair
 * @param shift its rows
 * @param unrelated its null
 * @param threshold the distance from which its rows counted as shifted
 * @param packed bitwise or of its packed edges; 0 where it has none
 */
public record TensorShift(
    PairedTensor tensor, Shift shift, UnrelatedRows unrelated, double threshold, long packed) {

  /**
   * Whether unrelated rows themselves would not count as shifted, or a threshold in their units has
   * none to be made of: the measure sees nothing here.
   */
  public boolean blind() {
    return Double.isInfinite(threshold) || (unrelated.known() && threshold >= unrelated.mean());
  }
}
