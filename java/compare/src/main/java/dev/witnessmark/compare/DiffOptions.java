package dev.witnessmark.compare;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user asked {@code wmark diff} for.
 *
 * @param tensors glob patterns of tensor names; empty means all
 * @param top how many extremes and rows to keep per tensor
 * @param threads number of workers
 * @param maxMemory bytes of staging memory allowed
 * @param journal file that lets an interrupted comparison continue, or null
 * @param expect adapter that B should contain, or null
 * @param device where values are compared; null for the processor
 * @param arguments the command line, for the run record
 * @param version version of Witnessmark, for the run record
 */
public record DiffOptions(
    List<String> tensors,
    int top,
    int threads,
    long maxMemory,
    @Nullable Path journal,
    @Nullable Path expect,
    @Nullable DiffDevice<?> device,
    List<String> arguments,
    String version) {

  public DiffOptions {
    tensors = List.copyOf(tensors);
    arguments = List.copyOf(arguments);
  }
}
