package dev.witnessmark.fingerprint;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files of the golden folder. */
public final class GoldenData {

  private GoldenData() {}

  public static Path path(String file) {
    try {
      return Path.of(
          Objects.requireNonNull(GoldenData.class.getResource("/golden/" + file)).toURI());
    } catch (URISyntaxException impossible) {
      throw new AssertionError(impossible);
    }
  }

  public static byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(path(file));
  }

  public static JsonNode json(String file) throws IOException {
    return new JsonMapper().readTree(bytes(file));
  }

  /** A JSON array of numbers. */
  public static short[] shorts(JsonNode numbers) {
    short[] values = new short[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) numbers.get(i).asInt();
    }
    return values;
  }

  public static Fingerprint fingerprint(JsonNode numbers) {
    return Fingerprint.of(shorts(numbers));
  }

  /** FNV-1a of 64 bits, as the golden files write it. */
  public static String fnv1a(byte[] bytes) {
    long hash = 0xcbf29ce484222325L;
    for (byte each : bytes) {
      hash = (hash ^ (each & 0xFF)) * 0x100000001b3L;
    }
    return "0x%016x".formatted(hash);
  }
}
