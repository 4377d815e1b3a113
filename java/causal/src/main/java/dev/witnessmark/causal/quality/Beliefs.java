package dev.witnessmark.causal.quality;

import dev.witnessmark.causal.diff.HeadKey;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Beliefs about heads, revised by feedback round by round.
 *
 * @param heads by block, then label of the projection
 */
public record Beliefs(List<HeadBelief> heads) {

  public Beliefs {
    heads = List.copyOf(heads);
  }

  /** What is believed before any feedback. */
  public static Beliefs of(QualityMap quality) {
    return new Beliefs(quality.heads().stream().map(HeadBelief::before).toList());
  }

  /**
   * One round of feedback.
   *
   * @param scores from 0 (harmed) to 1 (helped) by head; heads that are not known are ignored,
   *     those without a score stay
   */
  public Beliefs after(Map<HeadKey, Float> scores) {
    return new Beliefs(
        heads.stream()
            .map(head -> {
              Float score = scores.get(head.head());
              return score == null ? head : head.after(score);
            })
            .toList());
  }

  /** Heads by the rank they should have, highest first; then by block and projection. */
  public List<HeadBelief> byRank(int most) {
    return heads.stream()
        .sorted(
            Comparator.comparingInt((HeadBelief head) -> -head.rank(most))
                .thenComparing(HeadBelief::head))
        .toList();
  }
}
