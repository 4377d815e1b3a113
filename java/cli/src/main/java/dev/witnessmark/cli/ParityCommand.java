package dev.witnessmark.cli;

import dev.witnessmark.cuda.CudaDevice;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.Program;
import dev.witnessmark.inference.StepRunner;
import dev.witnessmark.inference.text.Tokenizer;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.parity.check.ParityCheck;
import dev.witnessmark.parity.check.ParityOptions;
import dev.witnessmark.parity.check.ParityResult;
import dev.witnessmark.parity.check.StandIn;
import dev.witnessmark.parity.trace.Prompt;
import dev.witnessmark.report.KernelAbi;
import dev.witnessmark.report.ParityJson;
import dev.witnessmark.report.ParityJunit;
import dev.witnessmark.report.ParitySarif;
import dev.witnessmark.report.ParityText;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code wmark parity}. */
@Command(
    name = "parity",
    description = {
      "Whether a device computes what the CPU oracle computes, to the bit.",
      "If not, the first stage of the first layer that is wrong by itself, with the evidence."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark parity model.gguf --device cuda",
      "  wmark parity model.gguf --prompt hello --generate 16 --modes eager,graph",
      "  wmark parity model.gguf --device cuda --repeat 20",
      "  wmark parity model.gguf --device cuda --kernel attention=my.ptx:mine",
      "  wmark parity model.gguf --path q8 --kernel-abi ffn_out",
      "  wmark parity model.gguf --device cuda --junit parity.xml --sarif parity.sarif",
      "",
      "Exit codes: 0 same bits, or own kernels in their budget · 1 differs · 2 usage ·",
      "            3 could not compare · 5 internal error · 130 interrupted"
    })
final class ParityCommand implements Callable<Integer> {

  /** Several tokens that no prompt is needed for: not only the first position. */
  private static final int USUAL_TOKENS = 8;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  ModelOptions model;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  PromptOptions prompt;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      defaultValue = "q8",
      description = "How products are computed, as of wmark trace; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String path;

  @Option(
      names = "--modes",
      split = ",",
      paramLabel = "MODE",
      defaultValue = "EAGER",
      description = "How kernels are launched: eager, graph; default ${DEFAULT-VALUE}.")
  List<LaunchMode> modes = new ArrayList<>();

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description = "Runs of each mode: finds what is not the same every time.")
  int repeat;

  @Option(
      names = "--kernel",
      paramLabel = "STAGE[/KERNEL]=FILE:NAME",
      description =
          "Kernel NAME of FILE (fatbin, cubin or PTX; on the emulated device a library made by"
              + " native/compile-kernels) makes STAGE in place of ours; may be repeated.")
  List<String> kernels = new ArrayList<>();

  @Option(
      names = "--kernel-abi",
      paramLabel = "STAGE",
      description = "Print what a kernel that makes STAGE is given, and end.")
  @Nullable String abi;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  DeviceOption device;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  ServerReportOptions further;

  @Override
  public Integer call() throws IOException {
    if (repeat < 1 || repeat > 1000) {
      throw new ParameterException(
          command.commandLine(), "--repeat " + repeat + ": between 1 and 1000");
    }
    PathPlan plan = model.path("--path", path);
    List<StageKernel> own = new ArrayList<>();
    for (String text : kernels) {
      own.add(StageKernel.parse(text, command.commandLine()));
    }
    List<Path> inputs = new ArrayList<>(List.of(model.model));
    own.forEach(kernel -> inputs.add(kernel.image().file()));
    further.checkUsage();
    output.check();
    output.spare(inputs);
    further.check(inputs);
    try (Checkpoint checkpoint = model.open()) {
      Model described = Model.of(checkpoint);
      Program program = new Program(described, plan);
      if (abi != null) {
        Stage stage = StageKernel.stage("--kernel-abi", abi, command.commandLine());
        int layers = described.hyperparameters().layers();
        Map<String, Operation> operations =
            StageKernel.operations(program, stage, layers, model.cache.element());
        output.write(out -> KernelAbi.print(stage, operations, out));
        return ExitCode.SAME.code();
      }
      try (Tokenizer tokenizer = prompt.tokenizer(checkpoint, model.limit.limits());
          OpenDevice<?> opened = device.open();
          TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
        List<Prompt> prompts = prompts(described, tokenizer);
        ParityResult result =
            own.isEmpty()
                ? check(described, opened.device(), prompts, tokenizer, plan, line)
                : checkOwn(described, program, opened, own, prompts, tokenizer, plan, line);
        further.write(out -> ParityJunit.write(result, out), out -> ParitySarif.write(result, out));
        output.write(out -> {
          if (output.json) {
            ParityJson.write(result, out);
          } else {
            ParityText.print(result, TraceCommand.text(tokenizer), out);
          }
        });
        return output.exitCode(result.verdict().exit());
      }
    }
  }

  private List<Prompt> prompts(Model described, @Nullable Tokenizer tokenizer)
      throws CouldNotCompare {
    List<Prompt> given = prompt.prompts(tokenizer);
    return given.isEmpty() ? List.of(new Prompt(Optional.empty(), usual(described))) : given;
  }

  /** Ids spread over the vocabulary. */
  private static int[] usual(Model described) {
    int vocabulary = described.hyperparameters().vocabulary();
    int[] tokens = new int[USUAL_TOKENS];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = (int) ((long) vocabulary * (i + 1) / (USUAL_TOKENS + 1));
    }
    return tokens;
  }

  private <M> ParityResult check(
      Model described,
      Device<M> on,
      List<Prompt> prompts,
      @Nullable Tokenizer tokenizer,
      PathPlan plan,
      TerminalProgress.Scope line)
      throws IOException {
    ParityOptions<M> options = options(described, on, prompts, tokenizer, plan, Optional.empty());
    return ParityCheck.run(described, on, options, List.of(), line.progress());
  }

  private ParityResult checkOwn(
      Model described,
      Program program,
      OpenDevice<?> opened,
      List<StageKernel> own,
      List<Prompt> prompts,
      @Nullable Tokenizer tokenizer,
      PathPlan plan,
      TerminalProgress.Scope line)
      throws IOException {
    CudaDevice cuda =
        opened
            .cuda()
            .orElseThrow(() ->
                new CouldNotCompare(
                    "--kernel needs a device that runs CUDA kernels, not " + opened.id()));
    List<StandIn> standIns = new ArrayList<>();
    int layers = described.hyperparameters().layers();
    try (OwnKernelRunner<DeviceMemory> runner = new OwnKernelRunner<>(cuda)) {
      for (StageKernel kernel : own) {
        String ours = kernel.ours(program, layers, model.cache.element(), command.commandLine());
        if (standIns.stream()
            .anyMatch(s -> s.stage() == kernel.stage() && s.kernel().equals(ours))) {
          throw new ParameterException(
              command.commandLine(),
              "--kernel: %s/%s is given twice".formatted(kernel.stage().id(), ours));
        }
        runner.replace(kernel.stage(), ours, kernel.on(cuda, ours));
        standIns.add(
            new StandIn(kernel.stage(), ours, kernel.image().file(), kernel.image().name()));
      }
      ParityOptions<DeviceMemory> options =
          options(described, cuda, prompts, tokenizer, plan, Optional.of(runner));
      ParityResult result = ParityCheck.run(described, cuda, options, standIns, line.progress());
      runner.requireAllRan();
      return result;
    }
  }

  private <M> ParityOptions<M> options(
      Model described,
      Device<M> on,
      List<Prompt> prompts,
      @Nullable Tokenizer tokenizer,
      PathPlan plan,
      Optional<StepRunner<M>> runner)
      throws IOException {
    int longest = prompts.stream().mapToInt(p -> p.tokens().length).max().orElseThrow();
    return new ParityOptions<>(
        prompts,
        prompt.generate,
        tokenizer == null ? Set.of() : tokenizer.ends(),
        modes,
        repeat,
        model.pass(plan, Math.addExact(longest, prompt.generate)),
        runner,
        model.record(
            described.checkpoint(), on.name(), device.device, "--device " + device.device));
  }
}
