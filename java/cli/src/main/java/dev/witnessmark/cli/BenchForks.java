package dev.witnessmark.cli;

import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchResultReader;
import dev.witnessmark.bench.BenchRun;
import dev.witnessmark.bench.JoinedForks;
import dev.witnessmark.format.Limits;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The same benchmark in several processes, one after the other: what a process is dealt at its
 * start differs between them by more than their samples show.
 *
 * @param count how many
 * @param arguments the command line, from {@code bench} on
 */
record BenchForks(int count, List<String> arguments) {

  /** Measures in all of them. */
  BenchResult run(BenchRun run, Progress progress) throws IOException {
    List<BenchResult> results = new ArrayList<>();
    progress.begin("measuring in %d processes".formatted(count), count);
    for (int fork = 0; fork < count; fork++) {
      results.add(fork());
      progress.advance(1);
    }
    return JoinedForks.of(results, run);
  }

  private BenchResult fork() throws IOException {
    Path folder = Files.createTempDirectory("wmark-bench");
    Path result = folder.resolve("result.json");
    Path complaints = folder.resolve("complaints.txt");
    try {
      Process process =
          new ProcessBuilder(command(result))
              .redirectOutput(complaints.toFile())
              .redirectErrorStream(true)
              .start();
      // Also if the user stops the program meanwhile.
      Thread stop = new Thread(process::destroyForcibly);
      Runtime.getRuntime().addShutdownHook(stop);
      int exit = awaited(process);
      Runtime.getRuntime().removeShutdownHook(stop);
      if (exit > 1 || !Files.exists(result)) {
        throw new CouldNotCompare(
            "a process of the benchmark ended with %d: %s"
                .formatted(exit, Files.readString(complaints).strip()));
      }
      return BenchResultReader.read(result, Limits.DEFAULT);
    } finally {
      Files.deleteIfExists(result);
      Files.deleteIfExists(complaints);
      Files.deleteIfExists(folder);
    }
  }

  private static int awaited(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
  }

  /** This program with the same options of its JVM. */
  private List<String> command(Path result) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "." + File.separator)));
    command.add(Wmark.class.getName());
    command.addAll(arguments);
    command.addAll(List.of(BenchCommand.FORK, result.toString()));
    return command;
  }
}
