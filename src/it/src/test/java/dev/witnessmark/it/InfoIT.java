package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code wmark info}, also on files that were made to mislead. */
class InfoIT {

  private final Program wmark = Program.packaged().brief();

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  @Test
  void aRefusedFileDoesNotStopTheOthers() throws Exception {
    String bad = Program.golden("gguf-bad").resolve("truncated-in-kv.gguf").toString();
    String base = Program.demoModel("base");
    String reasoning = Program.demoModel("reasoning");

    Ended info = wmark.run("info", base, bad, "/no/such/file", reasoning, "--json");

    assertThat(info.exit()).isEqualTo(3);
    assertThat(info.complaints()).isEmpty();
    List<JsonNode> lines = info.jsonLines();
    assertThat(lines)
        .extracting(line -> line.get("status").asString())
        .containsExactly("ok", "refused", "refused", "ok");
    assertThat(lines)
        .extracting(line -> line.get("path").asString())
        .containsExactly(base, bad, "/no/such/file", reasoning);
    assertThat(lines).flatExtracting(Schemas.INFO::violations).isEmpty();
    assertThat(lines.get(1).get("error").get("kind").asString()).isEqualTo("truncated");
    assertThat(lines.get(1).get("error").get("offset").asLong()).isEqualTo(56);
    assertThat(lines.get(0).get("tensors").size()).isEqualTo(75);
    assertThat(lines.get(0).get("parameters").asLong()).isEqualTo(5_051_904);
  }

  @Test
  void statisticsAndHashesAreThoseOfTheBytes() throws Exception {
    new Models(4).file(folder.resolve("m.safetensors"), "F32");

    Ended info = wmark.in(folder).run("info", "m.safetensors", "--stats", "--hash", "--json");

    assertThat(info.exit()).isZero();
    JsonNode document = info.jsonLines().getFirst();
    assertThat(Schemas.INFO.violations(document)).isEmpty();
    byte[] file = Files.readAllBytes(folder.resolve("m.safetensors"));
    for (JsonNode tensor : document.get("tensors")) {
      int offset = tensor.get("offset").asInt();
      byte[] bytes = Arrays.copyOfRange(file, offset, offset + tensor.get("bytes").asInt());
      assertThat(tensor.get("sha256").asString())
          .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
      FloatBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      double sum = 0;
      float largest = Float.NEGATIVE_INFINITY;
      while (values.hasRemaining()) {
        float value = values.get();
        sum += value;
        largest = Math.max(largest, value);
      }
      // The values are small multiples of 1/64: the sum is exact in any order.
      assertThat(tensor.get("statistics").get("mean").asDouble())
          .isEqualTo(sum / values.capacity());
      assertThat(tensor.get("statistics").get("maximum").asDouble()).isEqualTo(largest);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gguf", "safetensors"})
  void readsEveryGoldenFile(String format) throws Exception {
    List<Path> files = files(format);

    Ended info = wmark.run(arguments(files, "--json", "--stats"));

    assertThat(info.jsonLines())
        .hasSameSizeAs(files)
        .allSatisfy(line -> assertThat(line.get("status").asString()).isEqualTo("ok"));
    assertThat(info.jsonLines()).flatExtracting(Schemas.INFO::violations).isEmpty();
    assertThat(info.exit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gguf", "safetensors"})
  void refusesEveryMalformedGoldenFile(String format) throws Exception {
    List<Path> files = files(format + "-bad");
    List<String> mustRefuse = expectedRefusals(Program.golden(format + "-bad"));

    Ended json = wmark.run(arguments(files, "--json"));
    Ended text = wmark.run(arguments(files));

    assertThat(json.exit()).isEqualTo(3);
    assertThat(text.exit()).isEqualTo(3);
    assertThat(json.complaints() + text.complaints()).isEmpty();
    assertThat(json.jsonLines()).hasSameSizeAs(files);
    for (JsonNode line : json.jsonLines()) {
      String path = line.get("path").asString();
      assertThat(Schemas.INFO.violations(line)).as(path).isEmpty();
      if (!mustRefuse.contains(Path.of(path).getFileName().toString())) {
        continue;
      }
      assertThat(line.get("status").asString()).as(path).isEqualTo("refused");
      JsonNode error = line.get("error");
      assertThat(error.get("offset").isIntegralNumber()).as(path).isTrue();
      assertThat(error.get("message").asString())
          .as(path)
          .startsWith(path + ": refused. ")
          .contains("at byte " + error.get("offset").asLong());
      assertThat(text.out()).contains(error.get("message").asString());
    }
  }

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(Program.golden(folder))) {
      return files
          .filter(file -> file.toString().matches(".*\\.(gguf|safetensors)"))
          .sorted()
          .toList();
    }
  }

  private static List<String> expectedRefusals(Path folder) throws IOException {
    JsonNode manifest =
        JsonMapper.builder().build().readTree(Files.readString(folder.resolve("manifest.json")));
    return manifest
        .get("files")
        .valueStream()
        .filter(entry -> entry.get("expect").asString().equals("refuse"))
        .map(entry -> entry.get("file").asString())
        .toList();
  }

  private static String[] arguments(List<Path> files, String... options) {
    List<String> arguments = new ArrayList<>(List.of("info"));
    files.forEach(file -> arguments.add(file.toString()));
    arguments.addAll(List.of(options));
    return arguments.toArray(String[]::new);
  }
}
