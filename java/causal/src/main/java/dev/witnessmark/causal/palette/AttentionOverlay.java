package dev.witnessmark.causal.palette;

/** A palette's word laid over attention scores: positions in bins whose bit is 0 fade. */
public final class AttentionOverlay {

  private AttentionOverlay() {}

  /**
   * Multiplies scores by {@code decay}, in float32, where the word has no bit. The n scores fall
   * into bins of {@code ⌈n/64⌉}, the last one taking what is left; not all 64 need be used.
   *
   * @param scores one for each position; changed in place
   * @param word a row of a palette
   * @param decay 0 to mask, towards 1 to fade gently
   */
  public static void apply(float[] scores, long word, float decay) {
    if (scores.length == 0) {
      return;
    }
    int bin = Math.ceilDiv(scores.length, Long.SIZE);
    for (int i = 0; i < scores.length; i++) {
      int number = Math.min(i / bin, Long.SIZE - 1);
      if ((word >>> number & 1) == 0) {
        scores[i] *= decay;
      }
    }
  }
}
