package dev.witnessmark.verdict;

import dev.witnessmark.format.InputFingerprint;
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
    List<InputFingerprint> inputs) {

  public RunRecord {
    arguments = List.copyOf(arguments);
    inputs = List.copyOf(inputs);
  }
}
