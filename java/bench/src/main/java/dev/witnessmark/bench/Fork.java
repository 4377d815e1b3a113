package dev.witnessmark.bench;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one process, in the order in which they were taken. What a process is dealt at its
 * start (addresses, compiled code, place on the machine) is the same for all of them, so where
 * there are several forks, the fork is the sampling unit.
 *
 * @param nanoseconds time of one launch per sample, above zero
 * @param megahertz clock of the device during each sample, or null if it was not sampled
 * @param throttled samples during which the device held its clock back
 */
public record Fork(double[] nanoseconds, double @Nullable [] megahertz, BitSet throttled) {

  /**
   * Checks that the parts belong together.
   *
   * @throws IllegalArgumentException if there is no sample, or the parts differ in length
   */
  public Fork {
    if (nanoseconds.length == 0
        || (megahertz != null && megahertz.length != nanoseconds.length)
        || throttled.length() > nanoseconds.length) {
      throw new IllegalArgumentException(
          "%d times, %s clocks, throttled up to %d"
              .formatted(
                  nanoseconds.length,
                  megahertz == null ? "no" : megahertz.length,
                  throttled.length()));
    }
  }

  /** Samples of a device whose clock is not known. */
  public static Fork of(double... nanoseconds) {
    return new Fork(nanoseconds, null, new BitSet());
  }

  /** Samples of a device whose clock is known. */
  public static Fork of(double[] nanoseconds, double[] megahertz, BitSet throttled) {
    return new Fork(nanoseconds, megahertz, throttled);
  }

  /** All samples of {@code forks} as those of one; the clock is known if all of theirs are. */
  public static Fork joined(List<Fork> forks) {
    double[] nanoseconds =
        forks.stream().flatMapToDouble(fork -> Arrays.stream(fork.nanoseconds)).toArray();
    double[] megahertz =
        forks.stream()
            .flatMapToDouble(fork ->
                fork.megahertz == null ? DoubleStream.empty() : Arrays.stream(fork.megahertz))
            .toArray();
    BitSet throttled = new BitSet();
    int offset = 0;
    for (Fork fork : forks) {
      int begin = offset;
      fork.throttled.stream().forEach(i -> throttled.set(begin + i));
      offset += fork.size();
    }
    return new Fork(
        nanoseconds, megahertz.length == nanoseconds.length ? megahertz : null, throttled);
  }

  /** Number of samples. */
  public int size() {
    return nanoseconds.length;
  }

  /** The samples that were not throttled; null if there are none. */
  public @Nullable Fork unthrottled() {
    if (throttled.isEmpty()) {
      return this;
    }
    int[] kept = IntStream.range(0, nanoseconds.length).filter(i -> !throttled.get(i)).toArray();
    return kept.length == 0
        ? null
        : new Fork(
            pick(nanoseconds, kept),
            megahertz == null ? null : pick(megahertz, kept),
            new BitSet());
  }

  private static double[] pick(double[] from, int[] indices) {
    return Arrays.stream(indices).mapToDouble(i -> from[i]).toArray();
  }
}
