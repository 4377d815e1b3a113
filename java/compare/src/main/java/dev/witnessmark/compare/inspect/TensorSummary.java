package dev.witnessmark.compare.inspect;

/**
 * Statistics of the decoded values of one tensor; NaN and infinities are counted and left out of
 * the rest, which is NaN if nothing is left.
 *
 * @param minimum smallest value
 * @param maximum largest value
 * @param mean mean
 * @param rms root mean square
 * @param zeros values that are ±0
 * @param nans NaNs
 * @param infinities infinities
 */
public record TensorSummary(
    double minimum,
    double maximum,
    double mean,
    double rms,
    long zeros,
    long nans,
    long infinities) {}
