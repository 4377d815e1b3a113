package dev.witnessmark.cli;

import dev.witnessmark.causal.diff.CausalOptions;
import dev.witnessmark.causal.diff.Measure;
import dev.witnessmark.causal.diff.Threshold;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options on when a row counts as shifted, and a block as part of the scaffold. */
final class ShiftOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--measure",
      paramLabel = "MEASURE",
      defaultValue = "BASE17",
      description = {
        "base17: distance of row fingerprints, which indexes hold (default); blind to small changes.",
        "relative: exact relative change of each row, from the weights of checkpoints."
      })
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  Measure measure;

  @Option(
      names = "--threshold",
      paramLabel = "DISTANCE",
      description = "A row has shifted beyond this; default 100 (base17), 0.01 (relative).")
  @Nullable Double threshold;

  @Option(
      names = "--null-threshold",
      paramLabel = "TIMES",
      description = "… beyond so many times what unrelated rows of its tensor are apart.")
  @Nullable Double nullThreshold;

  @Option(
      names = "--scaffold-share",
      paramLabel = "SHARE",
      defaultValue = "0.3",
      description = {
        "A block is part of the scaffold if more than this share of its Q and O rows shifted and",
        "less of K, default ${DEFAULT-VALUE}."
      })
  double scaffoldShare;

  @Option(names = "--require-k", description = "A block without K is never part of the scaffold.")
  boolean requireK;

  /** What was asked for. */
  CausalOptions options(int threads) {
    if (threshold != null && nullThreshold != null) {
      throw usage("--threshold and --null-threshold exclude each other");
    }
    if (!(scaffoldShare >= 0 && scaffoldShare <= 1)) {
      throw usage("--scaffold-share " + scaffoldShare + ": between 0 and 1");
    }
    return new CausalOptions(threshold(), scaffoldShare, requireK, threads);
  }

  private Threshold threshold() {
    try {
      if (nullThreshold != null) {
        return new Threshold(nullThreshold, true);
      }
      return Threshold.of(threshold == null ? measure.usualThreshold() : threshold);
    } catch (IllegalArgumentException negative) {
      throw new ParameterException(
          command.commandLine(), "a threshold is a number from 0 on", negative);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
