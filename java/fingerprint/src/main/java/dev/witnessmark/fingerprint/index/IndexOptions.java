package dev.witnessmark.fingerprint.index;

import dev.witnessmark.compare.DiffDevice;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How {@code wmark index} works.
 *
 * @param threads number of workers
 * @param maxMemory bytes of staging memory allowed
 * @param journal file that lets interrupted work continue, or null
 * @param device where fingerprints are computed; null for the processor
 * @param arguments the command line, for the run record
 * @param version version of Witnessmark, for the run record
 */
public record IndexOptions(
    int threads,
    long maxMemory,
    @Nullable Path journal,
    @Nullable DiffDevice<?> device,
    List<String> arguments,
    String version) {

  public IndexOptions {
    arguments = List.copyOf(arguments);
  }
}
