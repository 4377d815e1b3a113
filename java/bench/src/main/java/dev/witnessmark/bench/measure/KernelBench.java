package dev.witnessmark.bench.measure;

import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.guard.Quantiles;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.Replay;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures workloads on one device. Every round visits every workload, so that slow changes of the
 * machine reach all of them alike. What equal code differs by follows from the samples.
 *
 * @param <M> memory of the device
 */
public final class KernelBench<M> {

  /** Launches of the smallest operation in one sample of the launch overhead. */
  private static final int OVERHEAD_LAUNCHES = 100;

  private static final int OVERHEAD_SAMPLES = 21;
  private static final int RATE_SAMPLES = 11;

  /** Pieces of work in a sample of a rate, so that what begins and ends one counts little. */
  private static final int PIECES = 8;

  /** Pieces of work until the clocks of a device that was idle have risen. */
  private static final int PIECES_BEFORE = 64;

  private final Device<M> device;
  private final String deviceId;
  private final DeviceIdentity identity;
  private final Effort effort;

  /** Measures on {@code device}, which results name by {@code deviceId} and {@code identity}. */
  public KernelBench(Device<M> device, String deviceId, DeviceIdentity identity, Effort effort) {
    this.device = device;
    this.deviceId = deviceId;
    this.identity = identity;
    this.effort = effort;
  }

  /**
   * Measures all of {@code workloads}.
   *
   * @param progress told the workload before each of its turns
   * @return one cell each, in their order
   */
  public List<Cell> measure(List<Workload> workloads, Consumer<Workload> progress) {
    double overhead = launchOverhead();
    List<Series<M>> series = new ArrayList<>();
    try (Pool<M> pool = device.pool()) {
      M spare = pool.allocate(effort.coldBytes());
      Map<Operation, List<M>> operands = new HashMap<>();
      for (Workload workload : workloads) {
        series.add(
            new Series<>(
                device,
                workload,
                operands.computeIfAbsent(
                    workload.operation(), operation -> Operands.of(operation, device, pool)),
                effort));
      }
      for (int round = 0; round < effort.rounds(); round++) {
        for (Series<M> one : series) {
          progress.accept(one.workload());
          one.turn(spare);
        }
      }
      return series.stream().map(one -> cell(one, overhead)).toList();
    } finally {
      series.forEach(Series::close);
    }
  }

  /** Bytes read and written per second by a copy of {@code bytes} inside the device. */
  public double copyRate(long bytes) {
    try (Pool<M> pool = device.pool()) {
      M from = pool.allocate(bytes);
      M to = pool.allocate(bytes);
      return rate(2.0 * bytes, () -> device.copy(from, to));
    }
  }

  /**
   * What is done in a second by {@code work} again and again.
   *
   * @param amount how much one piece of work does: bytes, operations
   */
  public double rate(double amount, Runnable work) {
    for (int i = 0; i < PIECES_BEFORE; i++) {
      work.run();
    }
    double[] times = new double[RATE_SAMPLES];
    for (int i = 0; i < times.length; i++) {
      times[i] =
          device.nanoseconds(() -> {
            for (int piece = 0; piece < PIECES; piece++) {
              work.run();
            }
          })
              / PIECES;
    }
    return amount / Quantiles.median(times) * 1e9;
  }

  /** Nanoseconds of a launch that has next to nothing to do. */
  private double launchOverhead() {
    Operation smallest = new Add(1);
    try (Pool<M> pool = device.pool()) {
      List<M> operands = Operands.of(smallest, device, pool);
      double[] times = new double[OVERHEAD_SAMPLES];
      Runnable launches =
          () -> {
            for (int launch = 0; launch < OVERHEAD_LAUNCHES; launch++) {
              device.run(smallest, Arithmetic.CANONICAL, operands);
            }
          };
      launches.run();
      Optional<Replay> recorded = device.record(launches);
      try {
        Runnable sample = recorded.<Runnable>map(replay -> replay::run).orElse(launches);
        for (int i = 0; i < times.length; i++) {
          times[i] = device.nanoseconds(sample) / OVERHEAD_LAUNCHES;
        }
      } finally {
        recorded.ifPresent(Replay::close);
      }
      return Quantiles.median(times);
    }
  }

  private Cell cell(Series<M> series, double overhead) {
    Operation operation = series.workload().operation();
    return new Cell(
        key(series.workload()),
        deviceId,
        device.name(),
        operation.bytesMoved(),
        operation.arithmeticOperations() == 0 ? null : operation.arithmeticOperations(),
        series.launchesPerSample(),
        overhead,
        List.of(),
        List.of(series.samples()));
  }

  private CellKey key(Workload workload) {
    Operation operation = workload.operation();
    List<Long> shape =
        operation.parameters().stream()
            .filter(number -> !(number instanceof Float))
            .map(Number::longValue)
            .toList();
    Long batch =
        switch (operation) {
          case MatVecQ8 product -> (long) product.batch();
          case MatVecF32 product -> (long) product.batch();
          default -> null;
        };
    return new CellKey(
        operation.family().id(),
        operation.variant().orElse(null),
        batch == null ? shape : shape.subList(0, shape.size() - 1),
        batch,
        identity,
        null,
        path(operation),
        workload.arithmetic().name().toLowerCase(Locale.ROOT),
        workload.cache().id());
  }

  private static @Nullable String path(Operation operation) {
    return switch (operation) {
      case MatVecQ8 product -> "q8";
      case MatVecF32 product -> "f32";
      default -> null;
    };
  }
}
