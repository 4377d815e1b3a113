package dev.witnessmark.cli;

import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A kernel of the user's own, compiled.
 *
 * @param file the fatbin, cubin, PTX or library that holds it
 * @param name its name there
 */
record KernelImage(Path file, String name) {

  /** No image of kernels is larger. */
  private static final long MOST_BYTES = 256L << 20;

  /**
   * Reads the file.
   *
   * @throws CouldNotCompare if it is too large
   */
  byte[] read() throws IOException {
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new CouldNotCompare(
          "%s has %,d bytes; an image of kernels has at most %,d"
              .formatted(file, size, MOST_BYTES));
    }
    return Files.readAllBytes(file);
  }
}
