package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two public generations of an embedding model (BERT, float32, ONNX), fetched as Maven artifacts. */
class PublicPairIT {

  private static final String GROUP = "dev.langchain4j:langchain4j-embeddings-";

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  @Test
  void findsWhatMovedBetweenTwoGenerations() throws Exception {
    Path first = fetch("bge-small-en", "1.11.0-beta19");
    Path second = fetch("bge-small-en-v15", "1.20.0-beta30");

    Ended diff = Program.packaged().run("diff", first.toString(), second.toString(), "--json");

    assertThat(diff.exit()).isEqualTo(1);
    JsonNode document = diff.json();
    assertThat(Schemas.DIFF.violations(document)).isEmpty();
    List<JsonNode> tensors = document.get("tensors").valueStream().toList();
    assertThat(tensors).hasSize(197);
  }

  /** The model in an artifact; skips with the reason where no registry can be reached. */
  private Path fetch(String name, String version) throws IOException, InterruptedException {
    Path log = folder.resolve(name + ".log");
    Process maven =
        new ProcessBuilder(
                "mvn",
                "-B",
                "-q",
                "org.apache.maven.plugins:maven-dependency-plugin:copy",
                "-Dartifact=" + GROUP + name + ":" + version,
                "-DoutputDirectory=" + folder)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = maven.waitFor(5, TimeUnit.MINUTES);
    if (!ended) {
      maven.destroyForcibly();
    }
    assumeTrue(
        ended && maven.exitValue() == 0,
        "SKIPPED, the artifact could not be fetched: " + Files.readString(log, StandardCharsets.UTF_8));
    return folder;
  }
}
