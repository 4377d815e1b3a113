package dev.witnessmark.bench.guard;

import java.util.List;

/**
 * How a result was judged.
 *
 * @param version version of Witnessmark
 * @param arguments the command line
 * @param javaRuntime version of the Java run-time
 * @param inputs the files that were read; none where commands were run
 */
public record GuardRun(
    String version, List<String> arguments, String javaRuntime, List<Input> inputs) {

  public GuardRun {
    arguments = List.copyOf(arguments);
    inputs = List.copyOf(inputs);
  }

  /**
   * One input file.
   *
   * @param path as named
   * @param bytes its size
   * @param sha256 hash of all of it
   */
  public record Input(String path, long bytes, String sha256) {}
}
