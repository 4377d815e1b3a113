package dev.witnessmark.compare.stream;

import dev.witnessmark.compare.RowChange;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The K rows that moved most; of equally moved ones the lower numbers, whatever the order of
 * offers.
 */
final class TopRows {

  private static final Comparator<RowChange> LEAST_FIRST =
      Comparator.comparingDouble(RowChange::relative)
          .thenComparing(Comparator.comparingLong(RowChange::row).reversed());

  private final int capacity;
  private final PriorityQueue<RowChange> heap;

  TopRows(int capacity) {
    this.capacity = capacity;
    this.heap = new PriorityQueue<>(capacity, LEAST_FIRST);
  }

  void offer(long row, double relative) {
    if (heap.size() == capacity && Double.compare(relative, heap.element().relative()) < 0) {
      return;
    }
    heap.add(new RowChange(row, relative));
    if (heap.size() > capacity) {
      heap.remove();
    }
  }

  void merge(TopRows other) {
    other.heap.forEach(change -> offer(change.row(), change.relative()));
  }

  /** Most moved first. */
  List<RowChange> rows() {
    return heap.stream().sorted(LEAST_FIRST.reversed()).toList();
  }
}
