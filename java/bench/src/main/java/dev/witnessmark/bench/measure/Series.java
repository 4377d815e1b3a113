package dev.witnessmark.bench.measure;

import dev.witnessmark.bench.Fork;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Replay;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The samples of one workload as they come in. Where the device can record work, the launches of a
 * sample are recorded once, so that the time is that of the device and not of the one who asks.
 *
 * @param <M> memory of the device
 */
final class Series<M> implements AutoCloseable {

  /** A sample is made of at most this many launches. */
  private static final long MOST_LAUNCHES = 1 << 20;

  /** Warming up ends after so many stretches of time in which nothing became faster. */
  private static final int STALE_STRETCHES = 3;

  private static final int MOST_STRETCHES = 40;

  /** What counts as faster. */
  private static final double NOTICEABLE = 0.95;

  private final Device<M> device;
  private final Workload workload;
  private final Effort effort;
  private final List<M> operands;
  private final double[] nanoseconds;
  private final double[] megahertz;
  private final BitSet throttled = new BitSet();
  private Rotation<M> rotation;
  private long launchesPerSample;

  /** The launches of a sample; empty where the device does not record. */
  private Optional<Replay> recorded = Optional.empty();

  private boolean clockKnown = true;
  private int taken;

  Series(Device<M> device, Workload workload, List<M> operands, Effort effort) {
    this.device = device;
    this.workload = workload;
    this.effort = effort;
    this.operands = operands;
    this.rotation = new Rotation<>(operands);
    this.nanoseconds = new double[effort.rounds() * effort.samplesPerRound()];
    this.megahertz = new double[nanoseconds.length];
  }

  Workload workload() {
    return workload;
  }

  long launchesPerSample() {
    return launchesPerSample;
  }

  Fork samples() {
    return clockKnown ? Fork.of(nanoseconds, megahertz, throttled) : Fork.of(nanoseconds);
  }

  /**
   * Takes the samples of one round.
   *
   * @param spare memory that this turn may use
   */
  void turn(M spare) {
    if (workload.cache() == CacheState.COLD) {
      rotation = new Rotation<>(device, operands, spare);
    }
    if (taken == 0) {
      warmUp();
      launchesPerSample = enoughLaunches();
      recorded = device.record(() -> launch(launchesPerSample));
    }
    sample();
    for (int i = 0; i < effort.samplesPerRound(); i++) {
      nanoseconds[taken] = device.nanoseconds(this::sample) / launchesPerSample;
      device.clock().ifPresentOrElse(this::take, () -> clockKnown = false);
      taken++;
    }
  }

  private void take(Device.Clock clock) {
    megahertz[taken] = clock.megahertz();
    throttled.set(taken, clock.throttled());
  }

  /**
   * Launches until three stretches of time in a row have brought nothing faster: until then code is
   * still being compiled and clocks still rise.
   */
  private void warmUp() {
    double best = Double.POSITIVE_INFINITY;
    int stale = 0;
    for (int stretch = 0; stretch < MOST_STRETCHES && stale < STALE_STRETCHES; stretch++) {
      double fastest = fastest(effort.warmUpNanoseconds());
      stale = fastest < NOTICEABLE * best ? 0 : stale + 1;
      best = Math.min(best, fastest);
    }
  }

  /** The shortest launch of those that fill {@code nanoseconds}, of at least one. */
  private double fastest(double nanoseconds) {
    double fastest = Double.POSITIVE_INFINITY;
    double spent = 0;
    do {
      double time = device.nanoseconds(() -> launch(1));
      fastest = Math.min(fastest, time);
      spent += time;
    } while (spent < nanoseconds);
    return fastest;
  }

  /** Doubles the launches until a sample is long enough; every set of operands has its turn. */
  private long enoughLaunches() {
    double least = Math.max(effort.sampleNanoseconds(), 100 * device.timerResolution());
    long launches = rotation.size();
    while (launches < MOST_LAUNCHES && shortest(launches) < least) {
      launches *= 2;
    }
    return launches;
  }

  private double shortest(long launches) {
    double[] times = new double[3];
    Arrays.setAll(times, i -> device.nanoseconds(() -> launch(launches)));
    return Arrays.stream(times).min().orElseThrow();
  }

  private void sample() {
    recorded.ifPresentOrElse(Replay::run, () -> launch(launchesPerSample));
  }

  private void launch(long times) {
    for (long i = 0; i < times; i++) {
      device.run(workload.operation(), workload.arithmetic(), rotation.next());
    }
  }

  @Override
  public void close() {
    recorded.ifPresent(Replay::close);
  }
}
