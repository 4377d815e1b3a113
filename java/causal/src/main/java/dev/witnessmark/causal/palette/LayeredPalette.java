package dev.witnessmark.causal.palette;

import dev.witnessmark.causal.quality.QualityMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Eight layers of 64 words, one layer for each {@link Plane}: bits are blocks, combined over diffs.
 * A layer has one word w; row r of it is w rotated left by {@code 39·⌊r/8⌋ mod 64}.
 *
 * @param words the word of each layer, in the order of planes
 */
public record LayeredPalette(List<Long> words) {

  private static final int REPEATS = 8;
  private static final int ROTATION = 39;

  public LayeredPalette {
    words = List.copyOf(words);
    if (words.size() != Plane.COUNT) {
      throw new IllegalArgumentException(words.size() + " layers");
    }
  }

  /**
   * Of four diffs.
   *
   * @param first base to the first tuned model
   * @param second base to the second tuned model
   * @param between the first tuned model to the second
   * @param small base to tuned of a smaller pair
   */
  public static LayeredPalette of(
      PredicatePlanes first,
      PredicatePlanes second,
      PredicatePlanes between,
      PredicatePlanes small) {
    long causes = first.asked();
    long enables = second.asked();
    long moving = between.asked();
    long abstracts = small.asked();
    return new LayeredPalette(
        List.of(
            causes,
            enables,
            causes & enables,
            causes & ~enables & moving,
            causes & ~moving,
            abstracts,
            causes & enables & abstracts,
            enables & ~causes));
  }

  /** Of two diffs, base to tuned, of a large and a small pair. */
  public static LayeredPalette of(PredicatePlanes large, PredicatePlanes small) {
    long causes = large.asked();
    long abstracts = small.asked();
    return new LayeredPalette(
        List.of(
            causes,
            causes,
            causes & abstracts,
            causes & ~abstracts,
            0L,
            abstracts,
            causes & abstracts,
            abstracts & ~causes));
  }

  /** Of four diffs, with blocks left out that have no head of the quality a layer needs. */
  public static LayeredPalette of(
      PredicatePlanes first,
      PredicatePlanes second,
      PredicatePlanes between,
      PredicatePlanes small,
      QualityMap quality) {
    long good = quality.goodBlocks();
    long uncertain = ~(good | quality.badBlocks());
    List<Long> all = of(first, second, between, small).words();
    return new LayeredPalette(
        List.of(
            all.get(0) & good,
            all.get(1) & good,
            all.get(2) & good,
            all.get(3),
            all.get(4) & (good | uncertain),
            all.get(5) & (good | uncertain),
            all.get(6) & good,
            all.get(7)));
  }

  /** The 64 words of {@code layer}. */
  public long[] rows(int layer) {
    long word = words.get(layer);
    return IntStream.range(0, EdgePalette.ROWS)
        .mapToLong(r -> Long.rotateLeft(word, ROTATION * (r / REPEATS) % Long.SIZE))
        .toArray();
  }
}
