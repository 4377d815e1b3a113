package dev.witnessmark.kernels.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Golden files, which are kept compressed. */
public final class GoldenFile {

  private GoldenFile() {}

  /** The bytes of {@code file} in the folder {@code golden}, if there is one. */
  public static Optional<byte[]> find(String file) {
    try (InputStream compressed = GoldenFile.class.getResourceAsStream("/golden/" + file + ".gz")) {
      if (compressed == null) {
        return Optional.empty();
      }
      try (InputStream bytes = new GZIPInputStream(compressed)) {
        return Optional.of(bytes.readAllBytes());
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
