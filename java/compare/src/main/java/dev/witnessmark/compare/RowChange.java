package dev.witnessmark.compare;

/**
 * How far one row moved.
 *
 * @param row its number
 * @param relative ‖Δrow‖ / ‖row of A‖; infinite if the row of A is zero, NaN if both leave the
 *     range of float64
 */
public record RowChange(long row, double relative) {}
