package dev.witnessmark.bench.measure;

import dev.witnessmark.bench.Fork;
import dev.witnessmark.kernels.operation.Device;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The samples of one workload as they come in.
 *
 * @param <M> memory of the device
 */
final class Series<M> {

  /** A sample is made of at most this many launches. */
  private static final long MOST_LAUNCHES = 1 << 20;

  private final Device<M> device;
  private final Workload workload;
  private final Effort effort;
  private final List<M> operands;
  private final double[] nanoseconds;
  private final double[] megahertz;
  private final BitSet throttled = new BitSet();
  private Rotation<M> rotation;
  private long launchesPerSample;
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
    }
    launch(1);
    for (int i = 0; i < effort.samplesPerRound(); i++) {
      nanoseconds[taken] = device.nanoseconds(() -> launch(launchesPerSample)) / launchesPerSample;
      device.clock().ifPresentOrElse(this::take, () -> clockKnown = false);
      taken++;
    }
  }

  private void take(Device.Clock clock) {
    megahertz[taken] = clock.megahertz();
    throttled.set(taken, clock.throttled());
  }

  private void warmUp() {
    double spent = 0;
    do {
      spent += device.nanoseconds(() -> launch(1));
    } while (spent < effort.warmUpNanoseconds());
  }

  /** Doubles the launches until a sample is long enough. */
  private long enoughLaunches() {
    double least = Math.max(effort.sampleNanoseconds(), 100 * device.timerResolution());
    long launches = 1;
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

  private void launch(long times) {
    for (long i = 0; i < times; i++) {
      device.run(workload.operation(), workload.arithmetic(), rotation.next());
    }
  }
}
