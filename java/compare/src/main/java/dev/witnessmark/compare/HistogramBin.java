package dev.witnessmark.compare;

/**
 * A bin of the histogram of |Δ|: {@code upTo / 2 < |Δ| ≤ upTo}.
 *
 * @param upTo upper end, a power of two; infinite for the last bin
 * @param count number of pairs
 */
public record HistogramBin(double upTo, long count) {}
