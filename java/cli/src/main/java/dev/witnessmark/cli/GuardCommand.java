package dev.witnessmark.cli;

import dev.witnessmark.bench.command.Interrupted;
import dev.witnessmark.bench.command.RunListener;
import dev.witnessmark.bench.guard.Guard;
import dev.witnessmark.bench.guard.GuardOptions;
import dev.witnessmark.bench.guard.GuardResult;
import dev.witnessmark.report.GuardJson;
import dev.witnessmark.report.GuardJunit;
import dev.witnessmark.report.GuardSarif;
import dev.witnessmark.report.GuardText;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wmark guard}. */
@Command(
    name = "guard",
    description = {
      "Did it get slower, or is it noise? Compares two results of wmark bench cell by cell,",
      "or two commands that it runs in turns (A B B A)."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark guard before.json after.json",
      "  wmark guard before.json after.json --junit guard.xml --sarif guard.sarif",
      "  wmark guard --ab './old/run' './new/run' --rounds 10",
      "",
      "Exit codes: 0 same or faster · 1 slower · 2 usage · 3 could not compare ·",
      "            4 unclear · 5 internal error · 130 interrupted"
    })
final class GuardCommand implements Callable<Integer> {

  private static final int MOST_ROUNDS = 1000;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Parameters(
      arity = "0..2",
      paramLabel = "FILE",
      description = "OLD and NEW, two wmark-bench-v1 files.")
  List<Path> files = new ArrayList<>();

  @Option(
      names = "--ab",
      arity = "2",
      paramLabel = "COMMAND",
      description = {
        "Run two shell commands in turns and compare them: the benchmark results that they print,",
        "or else their wall times. What seems to have changed is measured again before it stands."
      })
  List<String> commands = new ArrayList<>();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of A B B A, two runs a side each; default 5.")
  @Nullable Integer rounds;

  @Option(
      names = "--alpha",
      paramLabel = "PERCENT",
      converter = Percentage.class,
      defaultValue = "1",
      description = "How often equal code may raise an alarm, default ${DEFAULT-VALUE}.")
  double alpha;

  @Option(
      names = "--min-effect",
      paramLabel = "PERCENT",
      converter = Percentage.class,
      defaultValue = "0.5",
      description = "Smallest change that counts, default ${DEFAULT-VALUE}.")
  double minEffect;

  @Option(
      names = "--sensitivity",
      paramLabel = "PERCENT",
      converter = Percentage.class,
      defaultValue = "3",
      description = {
        "A cell is the same only if a change of so much would have been seen,",
        "default ${DEFAULT-VALUE}."
      })
  double sensitivity;

  @Option(
      names = "--common",
      description = "Ask only for cells that both sides have; the others are listed.")
  boolean common;

  @Option(names = "--all", description = "List every cell.")
  boolean all;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  ServerReportOptions further;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  @Override
  public Integer call() throws IOException {
    checkUsage();
    output.check();
    further.check(files);
    output.spare(files);
    GuardResult result;
    try {
      result = run();
    } catch (Interrupted interrupted) {
      return ExitCode.INTERRUPTED.code();
    }
    further.write(out -> GuardJunit.write(result, out), out -> GuardSarif.write(result, out));
    output.write(out -> {
      if (output.json) {
        GuardJson.write(result, out);
      } else {
        GuardText.print(result, all, out);
      }
    });
    return output.exitCode(result.verdict().exit());
  }

  private void checkUsage() {
    if (commands.isEmpty() && files.size() != 2) {
      throw usage("name two files, or two commands with --ab");
    }
    if (!commands.isEmpty() && !files.isEmpty()) {
      throw usage("--ab measures itself: it takes no files beside the two commands");
    }
    if (commands.size() > 2) {
      throw usage("--ab takes two commands, once");
    }
    if (rounds != null && commands.isEmpty()) {
      throw usage("--rounds needs --ab: files are already measured");
    }
    if (rounds != null && (rounds < 1 || rounds > MOST_ROUNDS)) {
      throw usage("--rounds " + rounds + ": between 1 and " + MOST_ROUNDS);
    }
    if (minEffect > sensitivity) {
      throw usage("--min-effect is above --sensitivity: no cell could be the same");
    }
    further.checkUsage();
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private GuardResult run() throws IOException {
    GuardOptions options =
        new GuardOptions(alpha, minEffect, sensitivity, GuardOptions.DEFAULT.resamples(), common);
    Guard guard =
        new Guard(
            options,
            limit.limits(),
            Version.number(),
            command.commandLine().getParseResult().originalArgs());
    if (commands.isEmpty()) {
      return guard.files(files.getFirst(), files.getLast());
    }
    try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      return guard.commands(
          commands.getFirst(),
          commands.getLast(),
          rounds == null ? GuardOptions.DEFAULT_ROUNDS : rounds,
          new ProgressOfRuns(line.progress()));
    }
  }

  /** Runs shown as steps of the progress line. */
  private record ProgressOfRuns(Progress progress) implements RunListener {
    @Override
    public void begin(String task, int runs) {
      progress.begin(task, runs);
    }

    @Override
    public void ended() {
      progress.advance(1);
    }
  }
}
