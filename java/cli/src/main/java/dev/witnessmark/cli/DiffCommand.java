package dev.witnessmark.cli;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.Capture;
import dev.witnessmark.compare.CheckpointDiff;
import dev.witnessmark.compare.DiffOptions;
import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.format.Limits;
import dev.witnessmark.parity.stage.StageFileComparison;
import dev.witnessmark.parity.stage.StageFileDifference;
import dev.witnessmark.report.DiffCsv;
import dev.witnessmark.report.DiffJson;
import dev.witnessmark.report.DiffSort;
import dev.witnessmark.report.DiffText;
import dev.witnessmark.report.StageDiffJson;
import dev.witnessmark.report.StageDiffText;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code wmark diff}. */
@Command(
    name = "diff",
    description = {
      "What moved between two checkpoints, or between two tensors of a stage.",
      "A and B are GGUF, safetensors or ONNX files, folders, or BASE+ADAPTER, in any combination;",
      "or both are APRT stage files, which are compared value by value."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark diff base.gguf tuned.gguf",
      "  wmark diff Llama-3.2-1B/ llama-3.2-1b-q4_k_m.gguf --all",
      "  wmark diff base/+my-lora/ merged/",
      "  wmark diff base/ merged/ --expect my-lora/",
      "  wmark diff a.gguf b.gguf --tensors 'blk.*.attn_*' --json --out diff.json",
      "  wmark diff huge-a/ huge-b/ --resume diff.journal",
      "  wmark diff huge-a/ huge-b/ --device cuda",
      "  wmark diff cpu/layer-0/attn_norm.bin gpu/layer-0/attn_norm.bin",
      "",
      "Exit codes: 0 same or within rounding · 1 differs · 2 usage ·",
      "            3 could not compare · 5 internal error · 130 interrupted"
    })
final class DiffCommand implements Callable<Integer> {

  /** Options that would be passed over in silence where stage files are compared. */
  private static final List<String> OF_CHECKPOINTS =
      List.of(
          "--tensors",
          "--all",
          "--sort",
          "--csv",
          "--expect",
          "--resume",
          "--explain-budget",
          "--threads",
          "--device",
          "--max-memory",
          "--limit");

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Parameters(index = "0", paramLabel = "A", description = "The reference.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String a;

  @Parameters(index = "1", paramLabel = "B", description = "What is compared with it.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String b;

  @Option(
      names = "--tensors",
      paramLabel = "GLOB",
      description = "Only tensors with such a name on either side (* and ?); may be repeated.")
  List<String> tensors = new ArrayList<>();

  @Option(names = "--all", description = "List every tensor, not only those that moved most.")
  boolean all;

  @Option(
      names = "--sort",
      defaultValue = "RELATIVE",
      description = "Order of the list: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  DiffSort sort;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "10",
      description = "Largest differences and rows to keep per tensor, default ${DEFAULT-VALUE}.")
  int top;

  @Option(names = "--csv", description = "Write one line of CSV per tensor instead of text.")
  boolean csv;

  @Option(
      names = "--expect",
      paramLabel = "ADAPTER",
      description = "Check that B is A plus this PEFT adapter, tensor by tensor.")
  @Nullable Path expect;

  @Option(
      names = "--resume",
      paramLabel = "JOURNAL",
      description = "Keep finished tensors in this file and continue from it if it exists.")
  @Nullable Path resume;

  @Option(names = "--explain-budget", description = "Say where the rounding budget comes from.")
  boolean explainBudget;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  WorkOptions work;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  @Override
  public Integer call() throws IOException {
    if (top < 1 || top > 10_000) {
      throw new ParameterException(command.commandLine(), "--top " + top + ": between 1 and 10000");
    }
    if (csv && output.json) {
      throw new ParameterException(command.commandLine(), "--csv and --json exclude each other");
    }
    if (output.isOut(resume)) {
      throw new ParameterException(
          command.commandLine(), "--resume and --out cannot be the same file, " + resume);
    }
    output.check();
    int workers = work.workers();
    if (AprtHeader.begins(Path.of(a)) || AprtHeader.begins(Path.of(b))) {
      return stageFiles(Path.of(a), Path.of(b));
    }
    requireNoCapture(a);
    requireNoCapture(b);
    long began = System.nanoTime();
    DiffResult result = run(limit.limits(), workers);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - began);
    output.write(out -> {
      if (output.json) {
        DiffJson.write(result, out);
      } else if (csv) {
        DiffCsv.write(result, out);
      } else {
        DiffText.print(result, new DiffText.Style(all, sort, explainBudget, elapsed), out);
      }
    });
    return output.exitCode(result.verdict().exit());
  }

  private int stageFiles(Path left, Path right) throws IOException {
    ParseResult parsed = command.commandLine().getParseResult();
    for (String name : OF_CHECKPOINTS) {
      if (parsed.hasMatchedOption(name)) {
        throw new ParameterException(
            command.commandLine(), name + " means nothing for stage files, which have no tensors");
      }
    }
    output.spare(List.of(left, right));
    StageFileDifference result;
    try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      result =
          new StageFileComparison(top, Version.number(), parsed.originalArgs(), line.progress())
              .run(left, right);
    }
    output.write(out -> {
      if (output.json) {
        StageDiffJson.write(result, out);
      } else {
        StageDiffText.print(result, out);
      }
    });
    return output.exitCode(result.verdict().exit());
  }

  private static void requireNoCapture(String path) throws CouldNotCompare {
    if (Capture.begins(Path.of(path))) {
      throw new CouldNotCompare(
          path + ": holds a capture of stages; wmark compare compares two of them");
    }
  }

  private DiffResult run(Limits limits, int workers) throws IOException {
    try (OpenDevice<?> opened = work.open();
        TerminalProgress.Scope line = TerminalProgress.watched(output.quiet);
        Operand left = Operand.open(a, limits);
        Operand right = Operand.open(b, limits)) {
      output.spare(inputs(left, right));
      DiffOptions options =
          new DiffOptions(
              tensors,
              top,
              workers,
              work.maxMemory,
              resume,
              expect,
              WorkOptions.comparing(opened),
              command.commandLine().getParseResult().originalArgs(),
              Version.number());
      return CheckpointDiff.run(left, right, options, limits, line.progress());
    }
  }

  /** What is read and must not be written: both sides, the expected adapter and the journal. */
  private List<Path> inputs(Operand left, Operand right) {
    List<Path> inputs = new ArrayList<>();
    Stream.of(left, right)
        .flatMap(Operand::checkpoints)
        .forEach(checkpoint -> {
          inputs.add(checkpoint.path());
          checkpoint.files().forEach(file -> inputs.add(Path.of(file.name())));
        });
    Stream.of(expect, resume).filter(Objects::nonNull).forEach(inputs::add);
    return inputs;
  }
}
