package dev.witnessmark.causal.diff;

/**
 * How to look.
 *
 * @param threshold from where on a row counts as shifted
 * @param scaffoldShare the share of shifted rows that Q and O of a scaffold block exceed and K does
 *     not reach
 * @param requireK whether a block without K rows can be none
 * @param threads number of workers
 */
public record CausalOptions(
    Threshold threshold, double scaffoldShare, boolean requireK, int threads) {

  /** The share that is usual. */
  public static final double USUAL_SCAFFOLD_SHARE = 0.3;

  public CausalOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads " + threads);
    }
    if (!(scaffoldShare >= 0 && scaffoldShare <= 1)) {
      throw new IllegalArgumentException("scaffold share " + scaffoldShare);
    }
  }
}
