package dev.witnessmark.cli;

import dev.witnessmark.compare.CheckpointDiff;
import dev.witnessmark.compare.DiffOptions;
import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.format.Limits;
import dev.witnessmark.report.DiffSort;
import dev.witnessmark.report.DiffText;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code wmark demo}. */
@Command(
    name = "demo",
    description = {
      "The main job on models that ship with the program: a small language model, and the same one",
      "trained further to think before it answers, with only the q and o projections of blocks 2, 3",
      "and 4 free. wmark diff must find exactly these."
    })
final class DemoCommand implements Callable<Integer> {

  /** What training was allowed to change; see the README beside the models. */
  private static final Set<String> TRAINED =
      Set.of(
          "blk.2.attn_q.weight",
          "blk.2.attn_output.weight",
          "blk.3.attn_q.weight",
          "blk.3.attn_output.weight",
          "blk.4.attn_q.weight",
          "blk.4.attn_output.weight");

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  WorkOptions work;

  @Override
  public Integer call() throws IOException {
    if (output.json) {
      throw new ParameterException(
          command.commandLine(), "--json: the demo is for people; use wmark diff A B --json");
    }
    Path models = Path.of(System.getProperty("witnessmark.home", "."), "demo");
    Path base = models.resolve("base-q4_k_m.gguf");
    Path reasoning = models.resolve("reasoning-q4_k_m.gguf");
    if (!Files.exists(base) || !Files.exists(reasoning)) {
      throw new CouldNotCompare(
          models + ": the demo models are missing; start the program with its launcher, wmark");
    }
    output.check();
    long began = System.nanoTime();
    int workers = work.workers();
    DiffResult result;
    try (OpenDevice<?> opened = work.open();
        Operand a = Operand.open(base.toString(), Limits.DEFAULT);
        Operand b = Operand.open(reasoning.toString(), Limits.DEFAULT)) {
      DiffOptions options =
          new DiffOptions(
              List.of(),
              10,
              workers,
              work.maxMemory,
              null,
              null,
              WorkOptions.comparing(opened),
              List.of("demo"),
              Version.number());
      result = CheckpointDiff.run(a, b, options, Limits.DEFAULT, Progress.NONE);
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - began);
    Set<String> moved =
        result.tensors().stream()
            .filter(t -> t.status() != TensorStatus.BIT_IDENTICAL)
            .map(TensorDifference::name)
            .collect(Collectors.toCollection(TreeSet::new));
    boolean found = moved.equals(TRAINED);
    output.write(out -> {
      out.println("$ wmark diff " + fromHere(base) + " " + fromHere(reasoning));
      DiffText.print(result, new DiffText.Style(false, DiffSort.RELATIVE, false, elapsed), out);
      out.println();
      out.println(
          found
              ? "Demo: these are exactly the six tensors that the training was allowed to change."
              : "Demo: WRONG. Expected "
                  + new TreeSet<>(TRAINED)
                  + ", found "
                  + moved
                  + ". Please report this.");
      out.println("Next: wmark diff A B on your own checkpoints, wmark diff --help for more.");
    });
    return found ? ExitCode.SAME.code() : ExitCode.INTERNAL_ERROR.code();
  }

  /** The path as it can be typed in the current folder. */
  private static Path fromHere(Path file) {
    Path here = Path.of("").toAbsolutePath();
    return file.startsWith(here) ? here.relativize(file) : file;
  }
}
