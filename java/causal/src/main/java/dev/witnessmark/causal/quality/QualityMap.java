package dev.witnessmark.causal.quality;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.diff.Shift;
import dev.witnessmark.causal.truth.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The quality of every head that shifted in at least one diff.
 *
 * @param heads by block, then label of the projection
 */
public record QualityMap(List<JudgedHead> heads) {

  public QualityMap {
    heads = List.copyOf(heads);
  }

  /**
   * Judges the heads of three diffs.
   *
   * @param first base to the first tuned model
   * @param second base to the second tuned model
   * @param small base to tuned of a smaller pair
   */
  public static QualityMap of(CausalResult first, CausalResult second, CausalResult small) {
    List<CausalResult> diffs = List.of(first, second, small);
    List<JudgedHead> heads = new ArrayList<>();
    for (HeadKey head : shiftedIn(diffs)) {
      heads.add(
          new JudgedHead(
              head,
              quality(shifted(first, head), shifted(second, head), shifted(small, head)),
              truth(diffs, head)));
    }
    return new QualityMap(heads);
  }

  /** Heads that shifted in at least one of {@code diffs}, in order. */
  static TreeSet<HeadKey> shiftedIn(List<CausalResult> diffs) {
    TreeSet<HeadKey> heads = new TreeSet<>();
    for (CausalResult diff : diffs) {
      diff.heads()
          .forEach((head, shift) -> {
            if (shift.shifted() > 0) {
              heads.add(head);
            }
          });
    }
    return heads;
  }

  /** That {@code head} shifts: revised by each of {@code diffs} in which it did. */
  static Truth truth(List<CausalResult> diffs, HeadKey head) {
    Truth truth = Truth.IGNORANCE;
    for (CausalResult diff : diffs) {
      Shift shift = diff.head(head);
      if (shift.shifted() > 0) {
        truth = truth.revisedByDiff(shift.evidence());
      }
    }
    return truth;
  }

  private static boolean shifted(CausalResult diff, HeadKey head) {
    return diff.head(head).shifted() > 0;
  }

  private static HeadQuality quality(boolean first, boolean second, boolean small) {
    if (first && second && small) {
      return HeadQuality.GOOD;
    }
    if (second && !first) {
      return HeadQuality.BAD;
    }
    return first && !second ? HeadQuality.REVERTED : HeadQuality.UNCERTAIN;
  }

  /** Number of heads of {@code quality}. */
  public long count(HeadQuality quality) {
    return heads.stream().filter(head -> head.quality() == quality).count();
  }

  /** Bits of the blocks below 64 that have a good head. */
  public long goodBlocks() {
    return blocks(HeadQuality.GOOD);
  }

  /** Bits of the blocks below 64 that have a bad head. */
  public long badBlocks() {
    return blocks(HeadQuality.BAD);
  }

  private long blocks(HeadQuality quality) {
    long blocks = 0;
    for (JudgedHead head : heads) {
      if (head.quality() == quality && head.head().block() < Long.SIZE) {
        blocks |= 1L << head.head().block();
      }
    }
    return blocks;
  }
}
