package dev.witnessmark.kernels.operation;

import dev.witnessmark.kernels.difference.DifferenceKernel;

/**
 * How the comparator cuts rows into what it reduces at a time: each row by itself, into segments of
 * {@value #LENGTH} elements of which the last one may be shorter. Segments are numbered row by row.
 *
 * @param rows number of rows
 * @param columns elements of a row
 */
public record RowSegments(long rows, long columns) {

  /** Elements of a segment that is not the last one of its row. */
  public static final int LENGTH = DifferenceKernel.SEGMENT;

  public RowSegments {
    Check.notNegative("rows", rows);
    Check.notNegative("columns", columns);
    Check.elements(rows, columns);
  }

  /** Elements of all rows. */
  public long elements() {
    return rows * columns;
  }

  /** Segments of a row. */
  public long perRow() {
    return Math.ceilDiv(columns, LENGTH);
  }

  /** Segments of all rows. */
  public long count() {
    return rows * perRow();
  }

  /** The first element of segment {@code segment}, counted row by row. */
  public long first(long segment) {
    return segment / perRow() * columns + segment % perRow() * LENGTH;
  }

  /** The number of elements of segment {@code segment}. */
  public int length(long segment) {
    return (int) Math.min(LENGTH, columns - segment % perRow() * LENGTH);
  }
}
