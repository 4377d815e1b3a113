package dev.witnessmark.format.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.GgufBuilder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unusual files that are read all the same, and what is noted about them. */
class GgufLayoutTest {

  private static final int F32 = 0;

  @Test
  void aUsualFileHasNoNotes() throws IOException {
    GgufHeader header =
        read(
            new GgufBuilder()
                .tensor("a", TensorType.F32, new byte[20], 5)
                .tensor("b", TensorType.F32, new byte[4], 1)
                .build());

    assertThat(header.notes()).isEmpty();
    assertThat(header.tensors()).extracting(TensorView::offset).containsExactly(96L, 128L);
  }

  @Test
  void aGapIsNoted() throws IOException {
    GgufHeader header =
        read(
            new GgufBuilder()
                .describe("a", F32, 32, 8)
                .describe("b", F32, 128, 1)
                .data(new byte[160])
                .build());

    assertThat(header.notes()).singleElement().asString().contains("96 bytes", "2 gaps");
  }

  @Test
  void anotherOrderIsNoted() throws IOException {
    GgufHeader header =
        read(
            new GgufBuilder()
                .describe("a", F32, 32, 8)
                .describe("b", F32, 0, 8)
                .data(new byte[64])
                .build());

    assertThat(header.notes()).singleElement().asString().contains("another order");
    assertThat(header.tensors()).extracting(TensorView::name).containsExactly("a", "b");
  }

  @Test
  void bytesAfterTheLastTensorAreNoted() throws IOException {
    GgufHeader header = read(new GgufBuilder().describe("a", F32, 0, 8).data(new byte[96]).build());

    assertThat(header.notes()).singleElement().asString().contains("64 bytes after");
  }

  @Test
  void emptyTensorsShareTheirPlaceWithOthers() throws IOException {
    GgufHeader header =
        read(
            new GgufBuilder()
                .describe("a", F32, 0, 0)
                .describe("b", F32, 0, 5)
                .describe("c", F32, 32, 4, 0)
                .data(new byte[20])
                .unpadded());

    assertThat(header.tensors()).extracting(TensorView::bytes).containsExactly(0L, 20L, 0L);
    assertThat(header.tensors().get(2).shape().toArray()).containsExactly(0, 4);
    assertThat(header.notes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 64, 65_536})
  void everyAlignmentOfTheFormatIsRead(int alignment) throws IOException {
    GgufHeader header =
        read(
            new GgufBuilder()
                .alignment(alignment)
                .tensor("a", TensorType.F32, new byte[4], 1)
                .tensor("b", TensorType.F32, new byte[4], 1)
                .build());

    long first = header.tensors().getFirst().offset();
    assertThat(first % alignment).isZero();
    assertThat(header.tensors().getLast().offset()).isEqualTo(first + alignment);
  }

  @Test
  void aBigEndianFileGivesBigEndianTensors() throws IOException {
    GgufHeader header =
        read(
            new GgufBuilder(ByteOrder.BIG_ENDIAN)
                .u32("u", 7)
                .tensor("a", TensorType.Q4_K, new byte[144], 256)
                .build());

    assertThat(header.metadata().whole("u")).hasValue(7);
    assertThat(header.tensors().getFirst().order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThat(header.tensors().getFirst().type()).isEqualTo(TensorType.Q4_K);
    assertThat(header.notes()).singleElement().asString().contains("big-endian");
  }

  @Test
  void aNameLikeAPathIsOnlyAName() throws IOException {
    GgufHeader header = read(new GgufBuilder().describe("../../etc/passwd", F32, 0, 0).build());

    assertThat(header.tensors().getFirst().name()).isEqualTo("../../etc/passwd");
  }

  @Test
  void aLongArrayKeepsItsFirstElementsAndItsPlace() throws IOException {
    String[] tokens = new String[100_000];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = "token" + i;
    }
    byte[] file = new GgufBuilder().texts("t", tokens).u32("after", 5).build();
    GgufHeader header = read(file);

    MetadataValue.Sequence sequence =
        (MetadataValue.Sequence) Objects.requireNonNull(header.metadata().entries().get("t"));
    assertThat(sequence.count()).isEqualTo(100_000);
    assertThat(sequence.head()).hasSize(16).endsWith(new MetadataValue.Text("token15"));
    assertThat(new String(file, (int) sequence.offset() + 8, 6, UTF_8)).isEqualTo("token0");
    assertThat(sequence.bytes())
        .isEqualTo(100_000 * (8 + 5) + 10 + 90 * 2 + 900 * 3 + 9_000 * 4 + 90_000 * 5);
    assertThat(header.metadata().whole("after")).hasValue(5);
  }

  @Test
  void numbersMayStandAcrossTheEndOfTheWindow() throws IOException {
    for (int length = 65_536 - 64; length < 65_536 + 8; length++) {
      String filler = "x".repeat(length);
      GgufHeader header =
          read(
              new GgufBuilder()
                  .pair("t", GgufBuilder.STR, to -> to.text(filler))
                  .pair("u", GgufBuilder.U64, to -> to.u64(0x0123456789ABCDEFL))
                  .texts("s", filler, "after")
                  .u32("v", 0x89ABCDEFL)
                  .tensor("a", TensorType.F32, new byte[20], 5)
                  .build());

      assertThat(header.metadata().text("t")).hasValue(filler);
      assertThat(header.metadata().whole("u")).hasValue(0x0123456789ABCDEFL);
      assertThat(header.metadata().whole("v")).hasValue(0x89ABCDEFL);
      assertThat(header.tensors()).extracting(TensorView::bytes).containsExactly(20L);
    }
  }

  @Test
  void aVocabularyMayHoldBytesThatAreNoText() throws IOException {
    GgufHeader header =
        read(new GgufBuilder().array("t", GgufBuilder.STR, 1, to -> to.u64(1).u8(0xFF)).build());

    assertThat(header.metadata().entries().get("t"))
        .isInstanceOfSatisfying(
            MetadataValue.Sequence.class,
            sequence ->
                assertThat(sequence.head()).isEqualTo(List.of(new MetadataValue.Text("\uFFFD"))));
  }

  @Test
  void aTensorIsReadFromItsMiddle() throws IOException {
    byte[] data = new byte[32];
    data[9] = 42;
    GgufHeader header = read(new GgufBuilder().tensor("a", TensorType.F32, data, 8).build());
    byte[] target = new byte[2];

    header.tensors().getFirst().read(8, MemorySegment.ofArray(target));

    assertThat(target).containsExactly(0, 42);
  }

  private static GgufHeader read(byte[] file) throws IOException {
    return GgufHeader.read(new BytesSource("f.gguf", file), Limits.DEFAULT);
  }
}
