package dev.witnessmark.bench.guard;

/** From {@code low} to {@code high}, both included. */
public record Interval(double low, double high) {

  /** Whether all of it lies above {@code bound}. */
  boolean above(double bound) {
    return low > bound;
  }

  /** Whether all of it lies below {@code bound}. */
  boolean below(double bound) {
    return high < bound;
  }

  /** Whether all of it lies no further than {@code distance} from {@code centre}. */
  boolean within(double centre, double distance) {
    return low >= centre - distance && high <= centre + distance;
  }
}
