package dev.witnessmark.cli;

import dev.witnessmark.verdict.CouldNotCompare;
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

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "Where kernels run: cpu.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String device;

  /** The number of workers that fit; refuses what cannot run as asked. */
  int workers() throws CouldNotCompare {
    if (!device.equals("cpu")) {
      throw new CouldNotCompare(
          "device "
              + device
              + " was asked for, and this version computes on the CPU only; use --device cpu");
    }
    if (threads < 1) {
      throw new ParameterException(
          command.commandLine(), "--threads " + threads + ": at least 1 is needed");
    }
    if (maxMemory < PER_WORKER) {
      throw new ParameterException(
          command.commandLine(),
          "--max-memory " + maxMemory + ": one worker needs " + PER_WORKER + " bytes");
    }
    return (int) Math.min(threads, maxMemory / PER_WORKER);
  }
}
