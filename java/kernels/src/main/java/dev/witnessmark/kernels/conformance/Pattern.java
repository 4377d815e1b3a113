package dev.witnessmark.kernels.conformance;

/** What numbers an operation is fed with. */
public enum Pattern {
  /** Ordinary numbers of both signs. */
  RANDOM,
  /** Numbers and scales around the smallest there are. */
  SUBNORMAL,
  /** Numbers and scales near the largest there are: sums overflow. */
  HUGE,
  /** Numbers that add up to nearly nothing: every wrong order shows. */
  CANCELLING,
  /** Zeros of both signs among a few ones. */
  SIGNED_ZEROS,
  /** Halfway cases of rounding, and equal largest values. */
  TIES,
  /** A NaN or an infinity here and there. */
  NON_FINITE
}
