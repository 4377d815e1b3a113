package dev.witnessmark.kernels.difference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The K finite pairs of largest |Δ|, Δ = a − b in double, in a heap of K places whose root is the
 * one to give way. Of equal |Δ| the lower index stays, so the result depends on what was offered
 * and not on the order. Pairs without a difference are never taken.
 */
public final class TopDifferences {

  /** A pair, both sides widened exactly. */
  public record Entry(long index, double a, double b) {
    /** a − b, rounded once. */
    public double delta() {
      return a - b;
    }
  }

  private final double[] magnitudes;
  private final long[] indices;
  private final double[] as;
  private final double[] bs;
  private int size;
  private long highestIndex = -1;

  /**
   * @param capacity K, at least 1
   */
  public TopDifferences(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity);
    }
    magnitudes = new double[capacity];
    indices = new long[capacity];
    as = new double[capacity];
    bs = new double[capacity];
  }

  /**
   * Whether a pair that follows all those offered so far could be taken if its |Δ| rounds to {@code
   * magnitude}. Pairs that do not come in ascending order of their indices need not be asked about.
   */
  public boolean mayTake(float magnitude) {
    return magnitude > 0 && magnitude >= (float) threshold(Long.MAX_VALUE);
  }

  /** The smallest |Δ| that is taken of a pair with index {@code index} or a higher one. */
  double threshold(long index) {
    if (size < magnitudes.length) {
      return Double.MIN_VALUE;
    }
    return index > highestIndex ? Math.nextUp(magnitudes[0]) : magnitudes[0];
  }

  /** Offers the pair at {@code index}. */
  public void offer(long index, double a, double b) {
    double magnitude = Math.abs(a - b);
    if (!(magnitude >= threshold(index)) || !Double.isFinite(a) || !Double.isFinite(b)) {
      return;
    }
    if (size < magnitudes.length) {
      place(size, index, a, b);
      rise(size++);
    } else if (magnitude > magnitudes[0] || index < indices[0]) {
      place(0, index, a, b);
      sink();
    }
  }

  /** Offers all of {@code other}. */
  public void merge(TopDifferences other) {
    for (int i = 0; i < other.size; i++) {
      offer(other.indices[i], other.as[i], other.bs[i]);
    }
  }

  /** The pairs by falling |Δ|, then rising index. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      entries.add(new Entry(indices[i], as[i], bs[i]));
    }
    entries.sort(
        Comparator.comparingDouble((Entry entry) -> -Math.abs(entry.delta()))
            .thenComparingLong(Entry::index));
    return entries;
  }

  private void place(int at, long index, double a, double b) {
    magnitudes[at] = Math.abs(a - b);
    indices[at] = index;
    as[at] = a;
    bs[at] = b;
    highestIndex = Math.max(highestIndex, index);
  }

  private void rise(int from) {
    int at = from;
    while (at > 0 && givesWay(at, (at - 1) / 2)) {
      swap(at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  }

  private void sink() {
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && givesWay(child + 1, child)) {
        child++;
      }
      if (!givesWay(child, at)) {
        return;
      }
      swap(child, at);
      at = child;
    }
  }

  private boolean givesWay(int x, int y) {
    return magnitudes[x] < magnitudes[y]
        || (magnitudes[x] == magnitudes[y] && indices[x] > indices[y]);
  }

  private void swap(int x, int y) {
    double magnitude = magnitudes[x];
    magnitudes[x] = magnitudes[y];
    magnitudes[y] = magnitude;
    long index = indices[x];
    indices[x] = indices[y];
    indices[y] = index;
    double a = as[x];
    as[x] = as[y];
    as[y] = a;
    double b = bs[x];
    bs[x] = bs[y];
    bs[y] = b;
  }
}
