package dev.witnessmark.causal.quality;

/** In which diffs a head shifted: two of one base, and one of a smaller pair. */
public enum HeadQuality {
  /** In all three. */
  GOOD,
  /** In the second and not in the first. */
  BAD,
  /** In the first and not in the second. */
  REVERTED,
  /** In the first two and not in the small pair, or in the small pair alone. */
  UNCERTAIN
}
