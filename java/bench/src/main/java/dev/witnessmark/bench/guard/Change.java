package dev.witnessmark.bench.guard;

/**
 * How the new side relates to the old one.
 *
 * @param ratio median of the new side over median of the old one; above 1 is slower
 * @param interval the bootstrap's interval of it
 */
public record Change(double ratio, Interval interval) {

  /** Change of speed: minus is slower. */
  public double speed() {
    return 1 / ratio - 1;
  }

  /** The interval of {@link #speed()}. */
  public Interval speedInterval() {
    return new Interval(1 / interval.high() - 1, 1 / interval.low() - 1);
  }

  /** Whether all of the interval is slower, or all of it faster, by more than {@code threshold}. */
  boolean beyond(double threshold) {
    return slower(threshold) || faster(threshold);
  }

  boolean slower(double threshold) {
    return interval.above(1 + threshold);
  }

  boolean faster(double threshold) {
    return interval.below(1 - threshold);
  }
}
