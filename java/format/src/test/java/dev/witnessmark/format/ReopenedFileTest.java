package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReopenedFileTest {

  @TempDir Path folder;

  @Test
  void everyReadSeesTheFile() throws IOException {
    Path path = Files.write(folder.resolve("f"), new byte[] {1, 2, 3, 4});
    ReopenedFile file = ReopenedFile.of(path);
    byte[] two = new byte[2];
    file.read(1, MemorySegment.ofArray(two));
    assertThat(two).containsExactly(2, 3);
    Files.write(path, new byte[] {5, 6, 7, 8});
    file.read(2, MemorySegment.ofArray(two));
    assertThat(two).containsExactly(7, 8);
    assertThat(file.size()).isEqualTo(4);
    assertThat(file.name()).isEqualTo(path.toString());
  }

  @Test
  void anotherSizeIsRefusedWithBoth() throws IOException {
    Path path = Files.write(folder.resolve("f"), new byte[4]);
    ReopenedFile file = ReopenedFile.of(path);
    Files.write(path, new byte[5]);
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> file.read(0, MemorySegment.ofArray(new byte[1])))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(5);
          assertThat(refusal.expected()).isEqualTo(4);
        });
  }
}
