package dev.witnessmark.parity.stage;

import java.util.List;
import java.util.PriorityQueue;

/** The pairs of values that are furthest apart, of those that came in the order of their places. */
final class FurthestPairs {

  private final int most;

  /** The nearest of those that are kept is at its head. */
  private final PriorityQueue<ValuePair> kept;

  /** A pair that comes now must be further apart than this, or NaN, to be kept. */
  private float threshold = -1;

  FurthestPairs(int most) {
    this.most = most;
    this.kept = new PriorityQueue<>(ValuePair.FURTHEST.reversed());
  }

  void add(long index, float a, float b, float distance) {
    // Also true of a NaN, which is further apart than anything.
    if (!(distance <= threshold)) {
      insert(new ValuePair(index, a, b, distance));
    }
  }

  private void insert(ValuePair pair) {
    kept.add(pair);
    if (kept.size() > most) {
      kept.remove();
    }
    ValuePair nearest = kept.element();
    if (kept.size() == most) {
      threshold = Float.isNaN(nearest.distance()) ? Float.POSITIVE_INFINITY : nearest.distance();
    }
  }

  /** The pairs, the furthest first. */
  List<ValuePair> toList() {
    return kept.stream().sorted(ValuePair.FURTHEST).toList();
  }
}
