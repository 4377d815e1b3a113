package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.testing.Allocation;
import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million tiny tensors open in linear time. The bound is ten times what it takes on a small
 * machine, and a thousandth of what a quadratic step would take.
 */
class MillionTensorsTest {

  private static final int TENSORS = 1_000_000;

  /** Per tensor: description, name, view and shape, and what collecting them leaves behind. */
  private static final long MOST_BYTES_PER_TENSOR = 1500;

  private static final Duration LONGEST = Duration.ofSeconds(20);

  @TempDir Path folder;

  @Test
  void ggufOpens() throws Exception {
    GgufBuilder model = new GgufBuilder();
    for (int i = 0; i < TENSORS; i++) {
      model.describe("t" + i, 0, 32L * i, 1);
    }
    Path path = Files.write(folder.resolve("model.gguf"), model.header());
    try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
      sparse.setLength(sparse.length() + 32L * (TENSORS + 1));
    }

    assertOpens(path);
  }

  @Test
  void safetensorsOpens() throws Exception {
    StringBuilder header = new StringBuilder();
    for (int i = 0; i < TENSORS; i++) {
      header.append(i == 0 ? '{' : ',');
      header.append(SafetensorsBuilder.entry("t" + i, "U8", "[1]", i, i + 1));
    }
    byte[] file = SafetensorsBuilder.file(header.append('}').toString(), new byte[TENSORS]);

    assertOpens(Files.write(folder.resolve("model.safetensors"), file));
  }

  private static void assertOpens(Path path) throws Exception {
    Instant before = Instant.now();
    long allocated =
        Allocation.bytes(() -> {
          try (Checkpoint checkpoint = CheckpointReader.open(path, Limits.DEFAULT)) {
            assertThat(checkpoint.tensors()).hasSize(TENSORS);
          }
        });
    assertThat(Duration.between(before, Instant.now())).isLessThan(LONGEST);
    assertThat(allocated).isLessThan(MOST_BYTES_PER_TENSOR * TENSORS);
  }
}
