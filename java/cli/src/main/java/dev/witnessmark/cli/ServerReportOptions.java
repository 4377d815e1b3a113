package dev.witnessmark.cli;

import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Results that build servers and code hosts read, beside the one for people or machines. */
final class ServerReportOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Also write JUnit XML for build servers.")
  @Nullable Path junit;

  @Option(
      names = "--sarif",
      paramLabel = "FILE",
      description = "Also write SARIF 2.1.0 for code hosts.")
  @Nullable Path sarif;

  void checkUsage() {
    if (junit != null && junit.equals(sarif)) {
      throw new ParameterException(command.commandLine(), "--junit and --sarif name the same file");
    }
  }

  /**
   * Says before any work is done that a result could not be written, or would replace what is read.
   *
   * @throws CouldNotCompare if a file cannot be written or is one of {@code inputs}
   */
  void check(Iterable<Path> inputs) throws IOException {
    List<OutputFile> files = new ArrayList<>();
    if (junit != null) {
      files.add(new OutputFile("--junit", junit));
    }
    if (sarif != null) {
      files.add(new OutputFile("--sarif", sarif));
    }
    for (OutputFile file : files) {
      file.check();
      file.spare(inputs);
    }
  }

  /** Writes what was asked for, each whole or not at all. */
  void write(OutputFile.Writer asJunit, OutputFile.Writer asSarif) throws IOException {
    if (junit != null) {
      new OutputFile("--junit", junit).write(asJunit);
    }
    if (sarif != null) {
      new OutputFile("--sarif", sarif).write(asSarif);
    }
  }
}
