package dev.witnessmark.fingerprint.bgz7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.GoldenData;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.format.Limits;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Bgz7WriterTest {

  @TempDir Path folder;

  private Path target() {
    return folder.resolve("out.bgz7");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static Bgz7Index golden() throws IOException {
    return Bgz7Index.open(
        GoldenData.path("bgz7/base.bgz7"), Bgz7Index.Reading.STRICT, Limits.DEFAULT);
  }

  private static void copy(Bgz7Index from, int record, Bgz7Writer to) throws IOException {
    Bgz7Record source = from.records().get(record);
    // One by one and the last first: the order is the writer's own matter.
    short[] row = new short[Fingerprint.DIMENSIONS];
    for (int i = (int) source.rows() - 1; i >= 0; i--) {
      source.read(i, 1, row);
      to.write(record, i, 1, row);
    }
  }

  @Test
  void theGoldenFileIsWrittenByteForByte() throws IOException {
    try (Bgz7Index golden = golden();
        Bgz7Writer writer =
            Bgz7Writer.create(target(), golden.records().stream().map(Bgz7Entry::of).toList())) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < golden.records().size(); i++) {
        order.add(i);
      }
      Collections.reverse(order);
      for (int record : order) {
        copy(golden, record, writer);
      }
      writer.commit();
    }
    assertThat(target()).hasBinaryContent(GoldenData.bytes("bgz7/base.bgz7"));
    assertThat(files()).containsExactly("out.bgz7");
  }

  @Test
  void whatIsNotCommittedLeavesTheOldFile() throws IOException {
    Files.writeString(target(), "old");
    try (Bgz7Index golden = golden();
        Bgz7Writer writer =
            Bgz7Writer.create(target(), golden.records().stream().map(Bgz7Entry::of).toList())) {
      copy(golden, 0, writer);
      assertThatIllegalStateException().isThrownBy(writer::commit);
    }
    assertThat(target()).hasContent("old");
    assertThat(files()).containsExactly("out.bgz7");
  }

  @Test
  void aFileWithoutRecordsIsItsHeader() throws IOException {
    try (Bgz7Writer writer = Bgz7Writer.create(target(), List.of())) {
      writer.commit();
    }
    assertThat(target()).hasBinaryContent(new byte[] {'B', 'G', 'Z', '7', 0, 0, 0, 0});
  }

  @Test
  void whatARecordCannotHoldIsRefused() {
    for (Bgz7Entry entry :
        List.of(
            new Bgz7Entry("n".repeat(65_536), LayerType.ATTENTION, 1, 1),
            new Bgz7Entry("n", LayerType.ATTENTION, 1L << 32, 1),
            new Bgz7Entry("n", LayerType.ATTENTION, 1, 1L << 32))) {
      assertThatThrownBy(() -> Bgz7Writer.create(target(), List.of(entry)))
          .isInstanceOf(CouldNotCompare.class);
    }
    assertThat(target()).doesNotExist();
  }

  @Test
  void rowsThatARecordDoesNotHaveAreNotWritten() throws IOException {
    Bgz7Entry entry = new Bgz7Entry("n", LayerType.ATTENTION, 2, 1);
    try (Bgz7Writer writer = Bgz7Writer.create(target(), List.of(entry))) {
      assertThatThrownBy(() -> writer.write(0, 1, 2, new short[34]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
