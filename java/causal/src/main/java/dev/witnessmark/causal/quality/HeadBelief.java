package dev.witnessmark.causal.quality;

import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.truth.Truth;

/**
 * What is believed of a head, and what to do with it when an adapter is trained.
 *
 * @param head block and projection
 * @param quality what diffs said of it
 * @param truth that changing it helps
 * @param rounds how often feedback has revised that
 * @param action what to do with it
 */
public record HeadBelief(
    HeadKey head, HeadQuality quality, Truth truth, int rounds, Action action) {

  private static final float CONFIDENT = 0.7f;
  private static final float HELPS = 0.6f;
  private static final float HARMS = 0.3f;

  /** Confidence of one round of feedback. */
  private static final float CONFIDENCE_OF_FEEDBACK = 0.8f;

  private static final int PART_TO_EXPLORE = 4;

  /** What to do with a head. */
  public enum Action {
    /** Train it. */
    REINFORCE,
    /** Leave it alone. */
    SUPPRESS,
    /** Try it with a quarter of the rank. */
    EXPLORE
  }

  /** The belief before any feedback: good heads are reinforced, bad ones suppressed. */
  static HeadBelief before(JudgedHead head) {
    Action action =
        switch (head.quality()) {
          case GOOD -> Action.REINFORCE;
          case BAD -> Action.SUPPRESS;
          case REVERTED, UNCERTAIN -> Action.EXPLORE;
        };
    return new HeadBelief(head.head(), head.quality(), head.truth(), 0, action);
  }

  /** The belief after feedback of {@code score} in [0, 1]. */
  HeadBelief after(float score) {
    Truth revised = truth.revisedByDiff(Truth.of(score, CONFIDENCE_OF_FEEDBACK));
    return new HeadBelief(head, quality, revised, rounds + 1, action(revised));
  }

  private static Action action(Truth truth) {
    if (truth.confidence() <= CONFIDENT) {
      return Action.EXPLORE;
    }
    if (truth.frequency() > HELPS) {
      return Action.REINFORCE;
    }
    return truth.frequency() < HARMS ? Action.SUPPRESS : Action.EXPLORE;
  }

  /** The rank that an adapter should have here if {@code most} is the highest. */
  public int rank(int most) {
    return switch (action) {
      case SUPPRESS -> 0;
      case EXPLORE -> most / PART_TO_EXPLORE;
      case REINFORCE ->
          (int) ((float) most * Math.min(truth.confidence(), Truth.HIGHEST_CONFIDENCE_OF_DIFF));
    };
  }
}
