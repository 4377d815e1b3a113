package dev.witnessmark.cli;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.fingerprint.index.CheckpointFingerprints;
import dev.witnessmark.fingerprint.index.IndexOptions;
import dev.witnessmark.fingerprint.index.IndexResult;
import dev.witnessmark.fingerprint.index.IndexRun;
import dev.witnessmark.format.Limits;
import dev.witnessmark.report.IndexJson;
import dev.witnessmark.report.IndexText;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wmark index}. */
@Command(
    name = "index",
    description = {
      "Fingerprints of a checkpoint's rows, in a BGZ7 index file: 34 bytes for every row.",
      "MODEL is a GGUF, safetensors or ONNX file, a folder, or BASE+ADAPTER."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark index base.gguf -o base.bgz7",
      "  wmark index Qwen3.5-27B/ -o base.bgz7 --stride 16",
      "  wmark index model-0000*-of-00011.safetensors -o shards/",
      "  wmark index huge/ -o huge.bgz7 --resume huge.journal",
      "  wmark index model.gguf -o model.bgz7 --device cuda --json",
      "",
      "Exit codes: 0 written · 2 usage · 3 refused, none written · 5 internal error ·",
      "            130 interrupted"
    })
final class IndexCommand implements Callable<Integer> {

  private static final String SUFFIX = ".bgz7";

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description = "Checkpoints; what is split into files may be given file by file.")
  List<String> models = new ArrayList<>();

  @Option(
      names = {"-o", "--to"},
      paramLabel = "INDEX",
      required = true,
      description =
          "The index file for all models together; or a folder, for one of each, with its name.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  Path to;

  @Option(
      names = "--stride",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "Visit every S-th octave of 17 columns of BF16 tensors; others are always visited whole."
              + " Default ${DEFAULT-VALUE}. Only indexes of one stride can be compared.")
  int stride;

  @Option(
      names = "--skip-unsupported",
      description = "Leave out weights that are integers without scales instead of refusing.")
  boolean skipUnsupported;

  @Option(
      names = "--resume",
      paramLabel = "JOURNAL",
      description = "Keep finished tensors in this file and continue from it if it exists.")
  @Nullable Path resume;

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
    if (stride < 1) {
      throw new ParameterException(
          command.commandLine(), "--stride " + stride + ": at least 1 is needed");
    }
    if (output.isOut(resume) || output.isOut(to) || to.equals(resume)) {
      throw new ParameterException(
          command.commandLine(), "--to, --resume and --out must be different files");
    }
    output.check();
    int workers = work.workers();
    IndexResult result = run(limit.limits(), workers);
    output.write(out -> {
      if (output.json) {
        IndexJson.write(result, out);
      } else {
        IndexText.print(result, out);
      }
    });
    return ExitCode.SAME.code();
  }

  private IndexResult run(Limits limits, int workers) throws IOException {
    List<CheckpointFingerprints> opened = new ArrayList<>();
    try (OpenDevice<?> device = work.open();
        TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      for (String model : models) {
        opened.add(open(model, limits));
      }
      List<IndexRun.Job> jobs = jobs(opened);
      for (IndexRun.Job job : jobs) {
        OutputFile target = new OutputFile("--to", job.target());
        target.check();
        target.spare(inputs(opened));
      }
      output.spare(inputs(opened));
      IndexOptions options =
          new IndexOptions(
              workers,
              work.maxMemory,
              resume,
              WorkOptions.comparing(device),
              command.commandLine().getParseResult().originalArgs(),
              Version.number());
      return IndexRun.write(jobs, options, line.progress());
    } finally {
      for (CheckpointFingerprints model : opened) {
        model.close();
      }
    }
  }

  private CheckpointFingerprints open(String model, Limits limits) throws IOException {
    Operand operand = Operand.open(model, limits);
    try {
      return CheckpointFingerprints.open(
          operand, new CheckpointFingerprints.Options(stride, skipUnsupported));
    } catch (IOException | RuntimeException refused) {
      operand.close();
      throw refused;
    }
  }

  private List<IndexRun.Job> jobs(List<CheckpointFingerprints> opened) throws CouldNotCompare {
    if (!Files.isDirectory(to)) {
      return List.of(new IndexRun.Job(to, opened));
    }
    List<IndexRun.Job> jobs = new ArrayList<>();
    Set<Path> targets = new HashSet<>();
    for (CheckpointFingerprints model : opened) {
      Path target = to.resolve(stem(model.operand()) + SUFFIX);
      if (!targets.add(target)) {
        throw new CouldNotCompare(target + ": two models would be written to it; index them apart");
      }
      jobs.add(new IndexRun.Job(target, List.of(model)));
    }
    return jobs;
  }

  /** The name of the model's file without what follows the last dot, or that of its folder. */
  private static String stem(Operand operand) {
    Path path = operand.checkpoint().path().toAbsolutePath().normalize();
    Path name = path.getFileName();
    String text = name == null ? "model" : name.toString();
    int dot = Files.isDirectory(path) ? -1 : text.lastIndexOf('.');
    return dot > 0 ? text.substring(0, dot) : text;
  }

  /** What is read and must not be written. */
  private List<Path> inputs(List<CheckpointFingerprints> opened) {
    return Stream.concat(
            Stream.ofNullable(resume),
            opened.stream()
                .flatMap(model -> model.operand().checkpoints())
                .flatMap(checkpoint ->
                    Stream.concat(
                        Stream.of(checkpoint.path()),
                        checkpoint.files().stream().map(file -> Path.of(file.name())))))
        .toList();
  }
}
