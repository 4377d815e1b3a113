package dev.witnessmark.kernels.summary;

import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.LaneSum;

/**
 * What {@link SummaryKernel} accumulates, with its working memory. One object serves one thread;
 * merged in the order of the elements, the bits do not depend on which thread made what.
 */
public final class SummarySums {

  /** Up to this 2⁶⁴ squares can be added; only float64 holds more. */
  private static final double LARGE = 0x1p480;

  /** What larger numbers are multiplied by before they are squared. */
  private static final double SMALLER = 0x1p-600;

  final LaneSum sumLanes = new LaneSum();
  final LaneSum squareLanes = new LaneSum();

  private final CompensatedSum sum = new CompensatedSum();
  private final CompensatedSum squares = new CompensatedSum();
  private final CompensatedSum largeSum = new CompensatedSum();
  private final CompensatedSum largeSquares = new CompensatedSum();
  private long elements;
  private long zeros;
  private long nans;
  private long infinities;
  private double minimum = Double.POSITIVE_INFINITY;
  private double maximum = Double.NEGATIVE_INFINITY;

  /** Forgets all values seen. */
  public void clear() {
    sum.clear();
    squares.clear();
    largeSum.clear();
    largeSquares.clear();
    elements = 0;
    zeros = 0;
    nans = 0;
    infinities = 0;
    minimum = Double.POSITIVE_INFINITY;
    maximum = Double.NEGATIVE_INFINITY;
  }

  /** Starts a segment. */
  void begin() {
    sumLanes.clear();
    squareLanes.clear();
  }

  /** Takes the value at index {@code i} of the segment. */
  void take(int i, double value) {
    if (Double.isNaN(value)) {
      nans++;
    } else if (Double.isInfinite(value)) {
      infinities++;
    } else {
      if (Math.abs(value) > LARGE) {
        double smaller = value * SMALLER;
        largeSum.add(smaller);
        largeSquares.add(smaller * smaller);
      } else {
        sumLanes.add(i, value);
        squareLanes.addProduct(i, value, value);
      }
      takeRange(value, value, value == 0 ? 1 : 0);
    }
  }

  /** Takes the range and the number of zeros of several values. */
  void takeRange(double smallest, double largest, int zerosAmong) {
    minimum = Math.min(minimum, smallest);
    maximum = Math.max(maximum, largest);
    zeros += zerosAmong;
  }

  /** Ends a segment of {@code count} values. */
  void end(int count) {
    sum.add(sumLanes.total());
    squares.add(squareLanes.total());
    elements += count;
  }

  /** Σx of the finite values of the last segment that are at most 2⁴⁸⁰, as all of float32 are. */
  public double segmentSum() {
    return sumLanes.total();
  }

  /** Σx² of the same values. */
  public double segmentSquares() {
    return squareLanes.total();
  }

  /** Adds the values that follow those of this one. */
  public void merge(SummarySums next) {
    sum.add(next.sum);
    squares.add(next.squares);
    largeSum.add(next.largeSum);
    largeSquares.add(next.largeSquares);
    elements += next.elements;
    nans += next.nans;
    infinities += next.infinities;
    zeros += next.zeros;
    minimum = Math.min(minimum, next.minimum);
    maximum = Math.max(maximum, next.maximum);
  }

  /** All values seen. */
  public long elements() {
    return elements;
  }

  /** Values that are neither NaN nor infinite: what the statistics are about. */
  public long finite() {
    return elements - nans - infinities;
  }

  /** Values that are −0 or +0. */
  public long zeros() {
    return zeros;
  }

  public long nans() {
    return nans;
  }

  public long infinities() {
    return infinities;
  }

  /** Smallest finite value; NaN if there is none. */
  public double minimum() {
    return finite() == 0 ? Double.NaN : minimum;
  }

  /** Largest finite value; NaN if there is none. */
  public double maximum() {
    return finite() == 0 ? Double.NaN : maximum;
  }

  /** Largest magnitude of a finite value; NaN if there is none. */
  public double absoluteMaximum() {
    return Math.max(Math.abs(minimum()), Math.abs(maximum()));
  }

  /** Mean of the finite values; NaN if there is none. */
  public double mean() {
    return sum.value() / finite() + largeSum.value() / finite() / SMALLER;
  }

  /** Root mean square of the finite values; NaN if there is none. */
  public double rms() {
    double large = largeSquares.value();
    return large == 0
        ? Math.sqrt(squares.value() / finite())
        : Math.sqrt((large + squares.value() * SMALLER * SMALLER) / finite()) / SMALLER;
  }
}
