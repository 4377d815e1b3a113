package dev.witnessmark.cli;

import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Falsification;
import dev.witnessmark.falsify.FalsifyResult;
import dev.witnessmark.falsify.experiment.Experiments;
import dev.witnessmark.report.FalsifyJson;
import dev.witnessmark.report.FalsifyText;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wmark falsify}. */
@Command(
    name = "falsify",
    description = {
      "Why do dequantised and fused products differ? The numbered experiments with",
      "their published figures beside the measured ones, each with its control, and",
      "with what does not follow from it."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark falsify",
      "  wmark falsify 008 009",
      "  wmark falsify --device cuda --all --json --out falsify.json",
      "",
      "Exit codes: 0 digits, bits and controls as they must be · 1 something differs ·",
      "            2 usage · 3 device missing · 5 internal error · 130 interrupted"
    })
final class FalsifyCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Parameters(
      arity = "0..*",
      paramLabel = "NUMBER",
      description = "Experiments such as 008, in full; default: all, in short.")
  List<String> numbers = new ArrayList<>();

  @Option(names = "--list", description = "List the experiments instead of running them.")
  boolean list;

  @Option(names = "--all", description = "Show every figure, bit and sentence.")
  boolean all;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  DeviceOption device;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Override
  public Integer call() throws IOException {
    if (list && output.json) {
      throw new ParameterException(command.commandLine(), "--list is text; leave --json away");
    }
    List<Experiment<?>> experiments = experiments();
    output.check();
    if (list) {
      output.write(out -> FalsifyText.list(experiments, out));
      return ExitCode.SAME.code();
    }
    FalsifyResult result = run(experiments);
    output.write(out -> {
      if (output.json) {
        FalsifyJson.write(result, out);
      } else {
        FalsifyText.print(result, all || !numbers.isEmpty(), out);
      }
    });
    return output.exitCode(result.verdict().exit());
  }

  private FalsifyResult run(List<Experiment<?>> experiments) throws IOException {
    try (OpenDevice<?> opened = device.open();
        TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      Progress progress = line.progress();
      progress.begin("experiments", experiments.size());
      return Falsification.run(
          experiments, opened.device(), record(opened), done -> progress.advance(1));
    }
  }

  private RunRecord record(OpenDevice<?> opened) {
    String driver = opened.driver() == null ? "" : ", driver " + opened.driver();
    return new RunRecord(
        Version.number(),
        command.commandLine().getParseResult().originalArgs(),
        opened.id() + " " + opened.product() + driver,
        opened.device().name(),
        "--device " + device.device,
        1,
        0,
        Runtime.version().toString(),
        List.of());
  }

  /** Those that are named, in the order of their numbers, each once. */
  private List<Experiment<?>> experiments() {
    List<Experiment<?>> known = Experiments.all();
    for (String number : numbers) {
      if (known.stream().noneMatch(experiment -> experiment.number().equals(number))) {
        throw new ParameterException(
            command.commandLine(),
            "%s: no such experiment; there are %s"
                .formatted(
                    number,
                    known.stream().map(Experiment::number).collect(Collectors.joining(", "))));
      }
    }
    return numbers.isEmpty()
        ? known
        : known.stream().filter(experiment -> numbers.contains(experiment.number())).toList();
  }
}
