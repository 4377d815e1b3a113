package dev.witnessmark.compare;

import java.util.List;

/**
 * What was asked, what ran, and why.
 *
 * @param version version of Witnessmark
 * @param arguments the command line
 * @param device where the kernels ran
 * @param kernels the kernel variant, for example {@code vector-512}
 * @param kernelsReason why this variant
 * @param threads number of workers
 * @param maxMemory bytes of staging memory allowed
 * @param javaRuntime version of the Java run-time
 * @param inputs the files that were read
 */
public record RunRecord(
    String version,
    List<String> arguments,
    String device,
    String kernels,
    String kernelsReason,
    int threads,
    long maxMemory,
    String javaRuntime,
    List<Input> inputs) {

  public RunRecord {
    arguments = List.copyOf(arguments);
    inputs = List.copyOf(inputs);
  }

  /**
   * One input file.
   *
   * @param path as named
   * @param bytes its size
   * @param sha256 hash of what {@code hashed} says
   * @param hashed {@code whole file}, or what of a large one was hashed
   */
  public record Input(String path, long bytes, String sha256, String hashed) {}
}
