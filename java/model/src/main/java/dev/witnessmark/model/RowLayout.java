package dev.witnessmark.model;

/**
 * How the stored matrix relates to the one that the table means: {@code [out, in]}, rotary pairs
 * half a head apart, values as they are.
 *
 * @param transposed stored as {@code [in, out]}
 * @param interleavedHeads number of heads whose rows are stored with rotary pairs adjacent (LLaMA
 *     in GGUF); 0 where rows are in the usual order
 * @param raised what was added to every value before it was stored: 1 for the norms of Gemma in
 *     GGUF, else 0
 */
public record RowLayout(boolean transposed, int interleavedHeads, int raised) {

  /** {@code [out, in]}, rows in the usual order. */
  public static final RowLayout PLAIN = new RowLayout(false, 0);

  /** The layout that is described; most are {@link #PLAIN}, and models have many tensors. */
  static RowLayout of(boolean transposed, int interleavedHeads, int raised) {
    RowLayout layout = new RowLayout(transposed, interleavedHeads, raised);
    return layout.equals(PLAIN) ? PLAIN : layout;
  }

  /** A layout of values that are stored as they are. */
  public RowLayout(boolean transposed, int interleavedHeads) {
    this(transposed, interleavedHeads, 0);
  }
}
