package dev.witnessmark.cli;

import dev.witnessmark.format.Limits;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Limits on the numbers of untrusted files. */
final class LimitOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--limit",
      paramLabel = "NAME=VALUE",
      description = "Raise or lower a limit on untrusted files; wmark limits lists them.")
  Map<String, Long> values = new LinkedHashMap<>();

  Limits limits() {
    Limits limits = Limits.DEFAULT;
    for (Map.Entry<String, Long> entry : values.entrySet()) {
      try {
        limits = limits.with(entry.getKey(), entry.getValue());
      } catch (IllegalArgumentException unknown) {
        throw new ParameterException(
            command.commandLine(), "--limit: " + unknown.getMessage(), unknown);
      }
    }
    return limits;
  }
}
