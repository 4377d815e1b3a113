package dev.witnessmark.cli;

import dev.witnessmark.format.Limits;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code wmark limits}. */
@Command(
    name = "limits",
    description = "Limits on the numbers of untrusted files; --limit NAME=VALUE changes one.")
final class LimitsCommand implements Callable<Integer> {

  @Override
  public Integer call() throws IOException {
    new OutputOptions()
        .write(out ->
            Limits.DEFAULT
                .byName()
                .forEach((name, value) -> out.printf("%-18s %,15d%n", name, value)));
    return ExitCode.SAME.code();
  }
}
