package dev.witnessmark.cli;

import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Falsification;
import dev.witnessmark.falsify.FalsifyResult;
import dev.witnessmark.falsify.experiment.Experiments;
import dev.witnessmark.falsify.model.ModelExperiment;
import dev.witnessmark.falsify.model.ModelResult;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.text.Tokenizer;
import dev.witnessmark.report.FalsifyJson;
import dev.witnessmark.report.FalsifyModelJson;
import dev.witnessmark.report.FalsifyModelText;
import dev.witnessmark.report.FalsifyText;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
      "  wmark falsify --model model.gguf --prompt 'What is 2+2?'",
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

  @Option(names = "--all", description = "Show every figure, bit and sentence; every matrix.")
  boolean all;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = {
        "Ask the same of a real model: for every matrix how far the paths are apart and",
        "what rounding explains, and what becomes of it through the layers. Needs one",
        "--prompt or --tokens."
      })
  @Nullable Path model;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  PromptOptions prompt;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  ForwardOptions forward;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  DeviceOption device;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Override
  public Integer call() throws IOException {
    requireSense();
    List<Experiment<?>> experiments = experiments();
    output.check();
    if (list) {
      output.write(out -> FalsifyText.list(experiments, out));
      return ExitCode.SAME.code();
    }
    if (model != null) {
      output.spare(List.of(model));
      return shown(run(model));
    }
    return shown(run(experiments));
  }

  private void requireSense() {
    if (list && output.json) {
      throw wrong("--list is text; leave --json away");
    }
    if (model != null && (list || !numbers.isEmpty())) {
      throw wrong("--model asks its own questions; leave --list and the numbers away");
    }
    int prompts = prompt.texts.size() + prompt.ids.size();
    if (prompts != (model == null ? 0 : 1)) {
      throw wrong(
          model == null
              ? "a prompt is for --model"
              : "give one --prompt or one --tokens with --model, not " + prompts);
    }
    if (prompt.generate != 0) {
      throw wrong("--generate: nothing is generated here");
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(command.commandLine(), what);
  }

  private FalsifyResult run(List<Experiment<?>> experiments) throws IOException {
    try (OpenDevice<?> opened = device.open();
        TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      return Falsification.run(experiments, opened.device(), record(opened), line.progress());
    }
  }

  private ModelResult run(Path path) throws IOException {
    try (Checkpoint checkpoint = forward.open(path);
        Tokenizer tokenizer = prompt.tokenizer(checkpoint, forward.limit.limits());
        OpenDevice<?> opened = device.open()) {
      int[] tokens = prompt.prompts(tokenizer).getFirst().tokens();
      try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
        return ModelExperiment.run(
            Model.of(checkpoint),
            opened.device(),
            tokens,
            forward.pass(PathPlan.all(MatrixPath.F32), tokens.length),
            forward.record(checkpoint, opened.device().name(), identity(opened), reason()),
            line.progress());
      }
    }
  }

  private int shown(FalsifyResult result) throws IOException {
    output.write(out -> {
      if (output.json) {
        FalsifyJson.write(result, out);
      } else {
        FalsifyText.print(result, all || !numbers.isEmpty(), out);
      }
    });
    return output.exitCode(result.verdict().exit());
  }

  private int shown(ModelResult result) throws IOException {
    output.write(out -> {
      if (output.json) {
        FalsifyModelJson.write(result, out);
      } else {
        FalsifyModelText.print(result, all, out);
      }
    });
    return output.exitCode(result.verdict().exit());
  }

  /** Of experiments, which read no file. */
  private RunRecord record(OpenDevice<?> opened) {
    return new RunRecord(
        Version.number(),
        command.commandLine().getParseResult().originalArgs(),
        identity(opened),
        opened.device().name(),
        reason(),
        1,
        0,
        Runtime.version().toString(),
        List.of());
  }

  private static String identity(OpenDevice<?> opened) {
    String driver = opened.driver() == null ? "" : ", driver " + opened.driver();
    return opened.id() + " " + opened.product() + driver;
  }

  private String reason() {
    return "--device " + device.device;
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
