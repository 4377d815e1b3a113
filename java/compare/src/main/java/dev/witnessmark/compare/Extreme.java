package dev.witnessmark.compare;

/**
 * One pair of values and its difference.
 *
 * @param index position of the value, counted row by row
 * @param row row of the matrix
 * @param column column of the matrix
 * @param a the left value
 * @param b the right value
 * @param delta {@code a − b} in float64
 */
public record Extreme(long index, long row, long column, double a, double b, double delta) {}
