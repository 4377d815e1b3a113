package dev.witnessmark.compare;

import java.util.List;

/**
 * The rows of one tensor.
 *
 * @param rows number of rows
 * @param moved rows in which at least one value differs
 * @param most the rows that moved most, by relative change, largest first
 */
public record RowChanges(long rows, long moved, List<RowChange> most) {
  public RowChanges {
    most = List.copyOf(most);
  }
}
