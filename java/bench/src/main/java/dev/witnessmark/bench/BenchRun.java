package dev.witnessmark.bench;

import java.util.List;

/**
 * How a benchmark was run.
 *
 * @param tool what measured, for example {@code wmark 0.1.0} or {@code JMH 1.37}
 * @param arguments its command line
 * @param runtime the run-time it ran on, for example a version of Java
 */
public record BenchRun(String tool, List<String> arguments, String runtime) {

  public BenchRun {
    arguments = List.copyOf(arguments);
  }
}
