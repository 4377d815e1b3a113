package dev.witnessmark.kernels.difference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * How many finite pairs differ by how much, on a logarithmic scale. Bin 0 holds the pairs that are
 * numerically equal; bin k = 1 … 255 those whose d, the difference rounded to float32, satisfies
 * 2^(k−128) &lt; d ≤ 2^(k−127). The first of them reaches down to the smallest difference there is,
 * the last up to infinity.
 *
 * <p>The bin of d is (bits of d + 0x7fffff) >>> 23: the mantissa carries into the exponent unless
 * it is zero.
 */
public final class MagnitudeHistogram {

  /** Number of bins. */
  public static final int BINS = 256;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int CARRY = 0x7fffff;
  static final int MANTISSA_BITS = 23;

  private final long[] counts = new long[BINS];

  /** The bin of a difference of this magnitude, which is not NaN. */
  public static int bin(float magnitude) {
    return (Float.floatToRawIntBits(magnitude) + CARRY) >>> MANTISSA_BITS;
  }

  /** Largest magnitude of bin {@code bin}, itself included. */
  public static double upperEdge(int bin) {
    return switch (bin) {
      case 0 -> 0;
      case BINS - 1 -> Double.POSITIVE_INFINITY;
      default -> Math.scalb(1.0, bin - 127);
    };
  }

  /** Number of pairs in bin {@code bin}. */
  public long count(int bin) {
    return counts[bin];
  }

  /** All counts, by bin. */
  public long[] toArray() {
    return counts.clone();
  }

  void add(int bin, long pairs) {
    counts[bin] += pairs;
  }

  void add(MagnitudeHistogram other) {
    for (int bin = 0; bin < BINS; bin++) {
      counts[bin] += other.counts[bin];
    }
  }

  /** Adds counts by bin, little-endian int64. */
  void add(MemorySegment others) {
    for (int bin = 0; bin < BINS; bin++) {
      counts[bin] += others.get(LONG, (long) bin * Long.BYTES);
    }
  }

  @Override
  public String toString() {
    return Arrays.toString(counts);
  }
}
