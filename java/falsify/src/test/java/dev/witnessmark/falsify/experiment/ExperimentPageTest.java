package dev.witnessmark.falsify.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ExperimentPageTest {

  private static final Path MODULE = Path.of(System.getProperty("basedir", "java/falsify"));

  private static final String REWRITE =
      "java --add-modules=jdk.incubator.vector -cp java/verdict/target/classes:"
          + "java/format/target/classes:java/kernels/target/classes:java/falsify/target/classes:"
          + "java/falsify/target/test-classes "
          + "dev.witnessmark.falsify.experiment.ExperimentPage src/site/falsify.md";

  @Test
  void thePageIsWhatTheTableAndTheExperimentsGive() throws IOException {
    assertThat(Files.readString(MODULE.resolve("../../src/site/falsify.md")))
        .as("the page on experiments; to write it anew, at the root: %s", REWRITE)
        .isEqualTo(ExperimentPage.text());
  }
}
