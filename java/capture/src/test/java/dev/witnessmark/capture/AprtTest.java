package dev.witnessmark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.Allocation;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AprtTest {

  /** Layer 0: 0.5, -1.25, 2.0, -0.0, 3.5, 1.0. */
  private static final String EXAMPLE =
      "415052540000000006000000" + "0000003f0000a0bf00000040000000800000604000" + "00803f";

  @TempDir Path folder;

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static AprtHeader read(byte[] bytes) throws IOException {
    return AprtHeader.read(new BytesSource("x.bin", bytes));
  }

  private static MemorySegment floats(float... values) {
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values);
  }

  private Path write(String name, long layer, float... values) throws IOException {
    Path path = folder.resolve(name);
    try (AprtWriter writer = new AprtWriter(path, layer)) {
      writer.write(0, floats(values));
      writer.commit(values.length);
    }
    return path;
  }

  @Test
  void theExampleIsReadAndWrittenToTheBit() throws IOException {
    AprtHeader header = read(hex(EXAMPLE));
    assertThat(header).isEqualTo(new AprtHeader(0, 6));

    Path written = write("example.bin", 0, 0.5f, -1.25f, 2.0f, -0.0f, 3.5f, 1.0f);
    assertThat(Files.readAllBytes(written)).isEqualTo(hex(EXAMPLE));
  }

  @Test
  void aFileOfNoValuesIsTwelveBytes() throws IOException {
    Path written = write("empty.bin", AprtHeader.WHOLE_MODEL);
    assertThat(Files.readAllBytes(written)).isEqualTo(hex("41505254ffffffff00000000"));
    assertThat(read(Files.readAllBytes(written))).isEqualTo(new AprtHeader(0xFFFFFFFFL, 0));
  }

  @Test
  void theLayerBeforeTheSentinelIsALayer() throws IOException {
    assertThat(read(hex("41505254feffffff00000000")).layer()).isEqualTo(0xFFFFFFFEL);
  }

  @Test
  void bitsSurvive() throws IOException {
    int[] bits = {
      0x7FC00001,
      0x7F800001,
      0xFFC12345,
      0xFF812345,
      0x7F800000,
      0xFF800000,
      0x80000000,
      0,
      0x00000001,
      0x807FFFFF,
      0x7F7FFFFF
    };
    Path path = folder.resolve("bits.bin");
    try (AprtWriter writer = new AprtWriter(path, 3)) {
      writer.write(0, Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, bits));
      writer.commit(bits.length);
    }
    try (ByteSource file = FileByteSource.open(path)) {
      TensorView values = AprtHeader.read(file).values(file, "bits", Shape.of(bits.length));
      MemorySegment back = Arena.ofAuto().allocate(4L * bits.length);
      values.read(0, back);
      assertThat(back.toArray(ValueLayout.JAVA_INT_UNALIGNED)).isEqualTo(bits);
    }
  }

  @Test
  void laterRowsMayComeFirst() throws IOException {
    Path path = folder.resolve("rows.bin");
    try (AprtWriter writer = new AprtWriter(path, 1)) {
      writer.write(4, floats(5, 6));
      writer.release();
      writer.write(0, floats(1, 2, 3, 4));
      writer.write(6, floats(7, 8));
      writer.commit(6);
    }
    assertThat(Files.readAllBytes(path))
        .isEqualTo(Files.readAllBytes(write("all.bin", 1, 1, 2, 3, 4, 5, 6)));
  }

  @Test
  void theFileIsWholeOrNotThere() throws IOException {
    Path path = write("kept.bin", 0, 1, 2);
    byte[] before = Files.readAllBytes(path);
    try (AprtWriter writer = new AprtWriter(path, 0)) {
      writer.write(0, floats(3));
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void tooManyValuesAreAnError() throws IOException {
    try (AprtWriter writer = new AprtWriter(folder.resolve("long.bin"), 0)) {
      writer.write(0xFFFF_FFFEL, floats(1));
      assertThatExceptionOfType(CouldNotCompare.class)
          .isThrownBy(() -> writer.write(0xFFFF_FFFFL, floats(1)))
          .withMessageContaining("4294967296")
          .withMessageContaining("4294967295");
      assertThatExceptionOfType(CouldNotCompare.class)
          .isThrownBy(() -> writer.commit(0x1_0000_0000L));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aHeaderOfAnyOtherLengthIsRefused() {
    byte[] example = hex(EXAMPLE);
    for (int length = 0; length < 12; length++) {
      byte[] cut = Arrays.copyOf(example, length);
      int there = length;
      assertThatExceptionOfType(Refusal.Truncated.class)
          .isThrownBy(() -> read(cut))
          .satisfies(refusal -> {
            assertThat(refusal.needed()).isEqualTo(12);
            assertThat(refusal.available()).isEqualTo(there);
          });
    }
  }

  @Test
  void anotherMagicIsRefusedWithBoth() {
    assertThatExceptionOfType(Refusal.UnknownFormat.class)
        .isThrownBy(() -> read(hex("47475546" + "0000000000000000")))
        .withMessageContaining("47475546")
        .withMessageContaining("41505254");
  }

  @Test
  void tooShortAndTooLongAreRefusedWithBothNumbers() {
    byte[] example = hex(EXAMPLE);
    assertThatExceptionOfType(Refusal.Truncated.class)
        .isThrownBy(() -> read(Arrays.copyOf(example, 35)))
        .satisfies(refusal -> {
          assertThat(refusal.needed()).isEqualTo(24);
          assertThat(refusal.available()).isEqualTo(23);
        });
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> read(Arrays.copyOf(example, 37)))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(37);
          assertThat(refusal.expected()).isEqualTo(36);
          assertThat(refusal.offset()).isEqualTo(36);
        });
  }

  @Test
  void aHostileCountAllocatesNothing() throws Exception {
    byte[] hostile = hex("4150525400000000ffffffff");
    long bytes =
        Allocation.bytes(() ->
            assertThatExceptionOfType(Refusal.Truncated.class)
                .isThrownBy(() -> read(hostile))
                .satisfies(refusal -> assertThat(refusal.needed()).isEqualTo(4 * 0xFFFFFFFFL)));
    assertThat(bytes).isLessThan(4 << 20);
  }

  @Test
  void moreValuesThanAnArrayHoldsAreRead() throws IOException {
    long elements = (1L << 31) + 5;
    Path path = folder.resolve("huge.bin");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(hex("41505254" + "02000000" + "05000080"));
      file.setLength(12 + 4 * elements);
      file.seek(12 + 4 * (elements - 1));
      file.write(hex("0000803f"));
    }
    try (ByteSource file = FileByteSource.open(path)) {
      AprtHeader header = AprtHeader.read(file);
      assertThat(header.elements()).isEqualTo(elements);
      MemorySegment last = floats(7, 7);
      header.values(file, "huge", Shape.of(elements)).read(4 * (elements - 2), last);
      assertThat(last.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(0, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AP", "APR", "GGUF", "aprt"})
  void otherFilesDoNotBeginAsOne(String start) throws IOException {
    Path path = folder.resolve("other");
    Files.writeString(path, start);
    assertThat(AprtHeader.begins(path)).isFalse();
  }

  @Test
  void fourBytesAreEnoughToBegin() throws IOException {
    Path path = folder.resolve("begins");
    Files.writeString(path, "APRT");
    assertThat(AprtHeader.begins(path)).isTrue();
    assertThat(AprtHeader.begins(folder)).isFalse();
    assertThat(AprtHeader.begins(folder.resolve("missing"))).isFalse();
  }
}
