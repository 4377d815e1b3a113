package dev.witnessmark.cli;

import dev.witnessmark.fingerprint.Fingerprint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options on the backward trace. */
final class TraceBackOptions {

  private static final int MOST_STEPS = 10_000;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--trace",
      paramLabel = "TENSOR:ROW",
      description = {
        "Trace this row of the first TUNED back: to the nearest row that shifted, from there to the",
        "nearest, and so on."
      })
  @Nullable String trace;

  @Option(
      names = "--trace-depth",
      paramLabel = "N",
      defaultValue = "8",
      description = "Most steps, default ${DEFAULT-VALUE}.")
  int depth;

  @Option(
      names = "--trace-threshold",
      paramLabel = "L1",
      defaultValue = "" + Fingerprint.LARGEST_DISTANCE,
      description = "Longest step; default: any.")
  long threshold;

  @Option(
      names = "--no-revisit",
      description = "No row comes twice; otherwise a trace ends up swinging between neighbours.")
  boolean once;

  /** The row to trace. */
  record Target(String tensor, long row) {}

  /** What to trace, or null. */
  @Nullable Target target() {
    if (trace == null) {
      return null;
    }
    if (depth < 0 || depth > MOST_STEPS) {
      throw new ParameterException(
          command.commandLine(), "--trace-depth " + depth + ": between 0 and " + MOST_STEPS);
    }
    int colon = trace.lastIndexOf(':');
    try {
      if (colon > 0) {
        return new Target(trace.substring(0, colon), Long.parseLong(trace.substring(colon + 1)));
      }
    } catch (NumberFormatException noRow) {
      // As if there were no colon.
    }
    throw new ParameterException(
        command.commandLine(), "--trace " + trace + ": write it as TENSOR:ROW");
  }
}
