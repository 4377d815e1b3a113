package dev.witnessmark.causal.palette;

import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.diff.Shift;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A word of 64 bits for each {@link Plane}: bit b stands for block b. Blocks from 64 on have no
 * bit; tensors of no block have none either.
 */
public final class PredicatePlanes {

  private final long[] words;

  private PredicatePlanes(long[] words) {
    this.words = words;
  }

  /** Bits of heads with at least one shifted row. */
  public static PredicatePlanes ofShifted(Map<HeadKey, Shift> heads) {
    return of(heads, shift -> shift.shifted() > 0);
  }

  /** Bits of heads of whose rows more than {@code share} shifted. */
  public static PredicatePlanes above(Map<HeadKey, Shift> heads, double share) {
    return of(heads, shift -> shift.ratio() > share);
  }

  private static PredicatePlanes of(Map<HeadKey, Shift> heads, Predicate<Shift> counts) {
    long[] words = new long[Plane.COUNT];
    heads.forEach((key, shift) -> {
      if (key.block() < Long.SIZE && counts.test(shift)) {
        words[Plane.of(key.projection()).number()] |= 1L << key.block();
      }
    });
    return new PredicatePlanes(words);
  }

  /** The word of {@code plane}. */
  public long word(Plane plane) {
    return words[plane.number()];
  }

  /** Blocks in which what is asked or what is done with the answer changed. */
  long asked() {
    return word(Plane.CAUSES) | word(Plane.ENABLES);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PredicatePlanes that && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }
}
