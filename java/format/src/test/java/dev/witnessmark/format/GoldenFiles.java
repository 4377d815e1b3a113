package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A folder of golden files with its manifest. */
public record GoldenFiles(Path folder) {

  /** The folder {@code golden/NAME} of the test resources. */
  public static GoldenFiles of(String name) {
    try {
      return new GoldenFiles(
          Path.of(
              Objects.requireNonNull(GoldenFiles.class.getResource("/golden/" + name)).toURI()));
    } catch (URISyntaxException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** The manifest's entries, one per file. */
  public Stream<JsonNode> entries() throws IOException {
    JsonNode files =
        new JsonMapper().readTree(Files.readAllBytes(folder.resolve("manifest.json"))).get("files");
    assertThat(files.size()).isGreaterThanOrEqualTo(7);
    return files.valueStream();
  }

  /** The file that {@code entry} describes. */
  public Path file(JsonNode entry) {
    return folder.resolve(entry.get("file").asString());
  }

  /** The contents of every file that a manifest of these folders lists. */
  public static List<byte[]> contents(String... folders) throws IOException {
    Stream.Builder<byte[]> contents = Stream.builder();
    for (String folder : folders) {
      GoldenFiles golden = of(folder);
      for (JsonNode entry : golden.entries().toList()) {
        contents.add(Files.readAllBytes(golden.file(entry)));
      }
    }
    return contents.build().toList();
  }

  /** SHA-256 of a tensor's bytes, read in two pieces. */
  public static String sha256(TensorView tensor) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
    MemorySegment target = MemorySegment.ofArray(bytes);
    long half = tensor.bytes() / 2;
    tensor.read(0, target.asSlice(0, half));
    tensor.read(half, target.asSlice(half));
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
