package dev.witnessmark.cli;

import dev.witnessmark.format.Limits;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** {@code wmark limits}. */
@Command(
    name = "limits",
    description = "Limits on the numbers of untrusted files; --limit NAME=VALUE changes one.")
final class LimitsCommand implements Runnable {

  @Override
  public void run() {
    PrintStream out = OutputOptions.standardOutput();
    Limits.DEFAULT.byName().forEach((name, value) -> out.printf("%-18s %,15d%n", name, value));
    out.flush();
  }
}
