package dev.witnessmark.kernels.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.conformance.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KernelPageTest {

  private static final Path MODULE = Path.of(System.getProperty("basedir", "java/kernels"));

  private static final String REWRITE =
      "java -cp java/format/target/classes:java/kernels/target/classes:"
          + "java/kernels/target/test-classes dev.witnessmark.kernels.operation.KernelPage "
          + "src/site/kernels.md";

  @Test
  void thePageIsWhatTheTableGives() throws IOException {
    assertThat(Files.readString(MODULE.resolve("../../src/site/kernels.md")))
        .as("the page on kernels; to write it anew, at the root: %s", REWRITE)
        .isEqualTo(KernelPage.text());
  }

  @Test
  void everyFamilyIsOnThePageOnce() {
    assertThat(KernelPage.EXAMPLES).extracting(Operation::family).containsExactly(Family.values());
  }

  @Test
  void operandsAndNumbersAreThoseOfTheRecords() {
    assertThat(Stream.concat(Trial.operations(), KernelPage.EXAMPLES.stream()))
        .allSatisfy(operation -> {
          Family family = operation.family();
          assertThat(family.operands().split("; ", -1))
              .extracting(line -> line.substring(0, line.indexOf(" [")))
              .containsExactlyElementsOf(operation.operands().stream().map(Operand::name).toList());
          assertThat(family.numbers().split(", ", -1)).hasSameSizeAs(operation.parameters());
        });
  }
}
