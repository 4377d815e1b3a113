package dev.witnessmark.model;

/**
 * How the stored matrix relates to the one that the table means: {@code [out, in]}, rotary pairs
 * half a head apart.
 *
 * @param transposed stored as {@code [in, out]}
 * @param interleavedHeads number of heads whose rows are stored with rotary pairs adjacent (LLaMA
 *     in GGUF); 0 where rows are in the usual order
 */
public record RowLayout(boolean transposed, int interleavedHeads) {

  /** {@code [out, in]}, rows in the usual order. */
  public static final RowLayout PLAIN = new RowLayout(false, 0);
}
