package dev.witnessmark.cli;

import dev.witnessmark.compare.DiffDevice;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.verdict.CouldNotCompare;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options on where and with how much the work is done. */
final class WorkOptions {

  /** Staging of one worker: two sides, each stored bytes, values, bounds and wide values. */
  private static final long PER_WORKER = 24L << 20;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Number of workers; default: one per processor.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--max-memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      defaultValue = "2G",
      description = "Most staging memory beside the JVM's own, default ${DEFAULT-VALUE}.")
  long maxMemory;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  DeviceOption device;

  /** The number of workers that fit; refuses what cannot run as asked. */
  int workers() {
    long perWorker = device.isCpu() ? PER_WORKER : PER_WORKER + DiffDevice.HOST_BYTES_PER_WORKER;
    if (threads < 1) {
      throw new ParameterException(
          command.commandLine(), "--threads " + threads + ": at least 1 is needed");
    }
    if (maxMemory < perWorker) {
      throw new ParameterException(
          command.commandLine(),
          "--max-memory " + maxMemory + ": one worker needs " + perWorker + " bytes");
    }
    return (int) Math.min(threads, maxMemory / perWorker);
  }

  /** Refuses any other device, with {@code message}. */
  void requireProcessor(String message) {
    if (!device.isCpu()) {
      throw new ParameterException(command.commandLine(), message);
    }
  }

  /**
   * The device that values are to be compared on; null for the processor itself.
   *
   * @throws CouldNotCompare if it cannot run, with the reason
   */
  @Nullable OpenDevice<?> open() throws CouldNotCompare {
    return device.isCpu() ? null : device.open();
  }

  /** {@code opened} as what compares. */
  static @Nullable DiffDevice<?> comparing(@Nullable OpenDevice<?> opened) {
    return opened == null
        ? null
        : opened.cuda().map(cuda -> new DiffDevice<>(opened.id(), cuda)).orElseThrow();
  }
}
