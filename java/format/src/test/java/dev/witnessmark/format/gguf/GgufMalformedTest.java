package dev.witnessmark.format.gguf;

import static dev.witnessmark.format.testing.GgufBuilder.ARR;
import static dev.witnessmark.format.testing.GgufBuilder.STR;
import static dev.witnessmark.format.testing.GgufBuilder.U32;
import static dev.witnessmark.format.testing.GgufBuilder.U64;
import static dev.witnessmark.format.testing.GgufBuilder.U8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.Allocation;
import dev.witnessmark.format.testing.ByteWriter;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.format.testing.Malformed;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Families of malformed GGUF files: each has its refusal, and none costs memory. */
class GgufMalformedTest {

  private static final int F32 = 0;
  private static final int F16 = 1;
  private static final int Q4_0 = 2;
  private static final int Q4_K = 12;
  private static final int IQ2_XXS = 16;

  private static final long MOST_ALLOCATED = 1 << 20;

  static Stream<Malformed> beginnings() {
    byte[] whole = valid().build();
    return Stream.of(
        of("empty", new byte[0], Refusal.Truncated.class),
        of("three bytes", Arrays.copyOf(whole, 3), Refusal.Truncated.class),
        of("only magic", Arrays.copyOf(whole, 4), Refusal.Truncated.class),
        of("no counts", Arrays.copyOf(whole, 8), Refusal.Truncated.class),
        of("another magic", valid().magic("GGUX"), Refusal.UnknownFormat.class),
        of("magic reversed", valid().magic("FUGG"), Refusal.UnknownFormat.class),
        of("zeros", new byte[64], Refusal.UnknownFormat.class),
        of("version 0", valid().version(0), Refusal.Unsupported.class),
        of("version 1", valid().version(1), Refusal.Unsupported.class),
        of("version 4", valid().version(4), Refusal.Unsupported.class),
        of("version 2^32-1", valid().version(-1), Refusal.Unsupported.class),
        of("version 1, swapped", valid().version(1 << 24), Refusal.Unsupported.class),
        of("version 3, swapped, rest not", valid().version(3 << 24), Refusal.LimitExceeded.class),
        of("2^64-1 tensors", valid().tensorCount(-1), Refusal.LimitExceeded.class),
        of("2^63 tensors", valid().tensorCount(Long.MIN_VALUE), Refusal.LimitExceeded.class),
        of("10^6+1 tensors", valid().tensorCount(1_000_001), Refusal.LimitExceeded.class),
        of("10^6 tensors, no room", valid().tensorCount(1_000_000), Refusal.Truncated.class),
        of("a tensor more than described", valid().tensorCount(2), Refusal.Malformed.class),
        of("2^64-1 pairs", valid().pairCount(-1), Refusal.LimitExceeded.class),
        of("65,537 pairs", valid().pairCount(65_537), Refusal.LimitExceeded.class),
        of("65,536 pairs, no room", valid().pairCount(65_536), Refusal.Truncated.class));
  }

  static Stream<Malformed> metadata() {
    return Stream.of(
        of("key of 2^64-1 bytes", rawKey(-1), Refusal.Truncated.class),
        of("key of 2^63 bytes", rawKey(Long.MIN_VALUE), Refusal.Truncated.class),
        of("key past the end", rawKey(1000), Refusal.Truncated.class),
        of("key of 65,536 bytes", key("k".repeat(65_536)), Refusal.LimitExceeded.class),
        of("empty key", key(""), Refusal.Malformed.class),
        of("key with NUL", key("a\0b"), Refusal.Malformed.class),
        of("key with an escape sequence", key("a\u001b[2J"), Refusal.Malformed.class),
        of("same key twice", key("k").u32("k", 1), Refusal.Duplicate.class),
        of("value type 13", pair(13), Refusal.UnknownType.class),
        of("value type 2^32-1", pair(-1), Refusal.UnknownType.class),
        of("text of 2^64-1 bytes", textLength(-1), Refusal.Truncated.class),
        of("text of 2^32+4 bytes", textLength((1L << 32) + 4), Refusal.Truncated.class),
        of("text that is not UTF-8", text(0xC3, 0x28), Refusal.Malformed.class),
        of("text with an overlong NUL", text(0xC0, 0x80), Refusal.Malformed.class),
        of("text with a surrogate", text(0xED, 0xA0, 0x80), Refusal.Malformed.class),
        of("text with half a character", text(0xE4, 0xB8), Refusal.Malformed.class),
        of("array of type 13", array(13, 0), Refusal.UnknownType.class),
        of("array of 2^61 u64", array(U64, 1L << 61), Refusal.LimitExceeded.class),
        of("array of 2^64-1 u8", array(U8, -1), Refusal.LimitExceeded.class),
        of("array of 2^31 u8", array(U8, 1L << 31), Refusal.LimitExceeded.class),
        of("array of 2^31-1 u8", array(U8, Integer.MAX_VALUE), Refusal.Truncated.class),
        of("array of 2^31-1 u64", array(U64, Integer.MAX_VALUE), Refusal.Truncated.class),
        of("array of 2^31-1 texts", array(STR, Integer.MAX_VALUE), Refusal.Truncated.class),
        of("array of 2^24 arrays", array(ARR, 1 << 24), Refusal.Truncated.class),
        of("arrays nested 5 deep", nested(5), Refusal.LimitExceeded.class),
        of("arrays nested 60,000 deep", nested(60_000), Refusal.LimitExceeded.class),
        of("alignment 0", valid().u32("general.alignment", 0), Refusal.Malformed.class),
        of("alignment 4", valid().u32("general.alignment", 4), Refusal.Malformed.class),
        of("alignment 48", valid().u32("general.alignment", 48), Refusal.Malformed.class),
        of("alignment 2^17", valid().u32("general.alignment", 1 << 17), Refusal.Malformed.class),
        of("alignment 2^31", valid().u32("general.alignment", 1L << 31), Refusal.Malformed.class),
        of(
            "alignment as u64",
            valid().pair("general.alignment", U64, to -> to.u64(32)),
            Refusal.Malformed.class),
        of("alignment as text", valid().text("general.alignment", "32"), Refusal.Malformed.class));
  }

  static Stream<Malformed> tensors() {
    return Stream.of(
        of("no dimensions", tensor(F32, 0), Refusal.Malformed.class),
        of("five dimensions", tensor(F32, 0, 1, 1, 1, 1, 1), Refusal.Malformed.class),
        of("2^32-1 dimensions", wildRank(), Refusal.Malformed.class),
        of("a negative dimension", tensor(F32, 0, -1), Refusal.SizeOverflow.class),
        of("2^63 elements", tensor(F32, 0, 1L << 32, 1L << 31), Refusal.SizeOverflow.class),
        of("2^64 elements", tensor(F32, 0, 1L << 32, 1L << 32), Refusal.SizeOverflow.class),
        of("2^67 elements", tensor(F32, 0, 1L << 32, 1L << 32, 1, 8), Refusal.SizeOverflow.class),
        of("2^63 bytes", tensor(F32, 0, 1L << 61), Refusal.SizeOverflow.class),
        of("2^64 bytes", tensor(F32, 0, 1L << 62), Refusal.SizeOverflow.class),
        of("0 x 2^64", tensor(F32, 0, 0, 1L << 32, 1L << 32), Refusal.SizeOverflow.class),
        of("removed type 4", tensor(4, 0, 32), Refusal.UnknownType.class),
        of("removed type 36", tensor(36, 0, 32), Refusal.UnknownType.class),
        of("type 43", tensor(43, 0, 32), Refusal.UnknownType.class),
        of("type 2^32-1", tensor(-1, 0, 32), Refusal.UnknownType.class),
        of("a block cut", tensor(Q4_K, 0, 255), Refusal.Inconsistent.class),
        of("rows of half a block", tensor(Q4_0, 0, 16, 2), Refusal.Inconsistent.class),
        of("misaligned", tensor(F32, 8, 4), Refusal.Inconsistent.class),
        of("past the end", tensor(F32, 1 << 20, 4), Refusal.Truncated.class),
        of("begins at the end", tensor(F32, 64, 4), Refusal.Truncated.class),
        of("offset 2^63", tensor(F32, Long.MIN_VALUE, 4), Refusal.SizeOverflow.class),
        of("offset 2^64-32", tensor(F32, -32, 4), Refusal.SizeOverflow.class),
        of("offset 2^63-32", tensor(F32, Long.MAX_VALUE - 31, 4), Refusal.Truncated.class),
        of("empty, far outside", tensor(F32, 1 << 20, 0), Refusal.Truncated.class),
        of("same bytes twice", tensor(F32, 0, 4).describe("b", F16, 0, 4), Refusal.Overlap.class),
        of("overlap", tensor(F32, 0, 16).describe("b", F32, 32, 4), Refusal.Overlap.class),
        of(
            "one inside another",
            tensor(F32, 32, 2).describe("b", F32, 0, 16),
            Refusal.Overlap.class),
        of("same name twice", tensor(F32, 0, 4).describe("a", F32, 32, 4), Refusal.Duplicate.class),
        of("empty name", new GgufBuilder().describe("", F32, 0, 0), Refusal.Malformed.class),
        of("NUL in a name", new GgufBuilder().describe("\0", F32, 0, 0), Refusal.Malformed.class),
        of(
            "name of 65,536 bytes",
            new GgufBuilder().describe("n".repeat(65_536), F32, 0, 0),
            Refusal.LimitExceeded.class),
        of(
            "big-endian IQ2_XXS",
            new GgufBuilder(ByteOrder.BIG_ENDIAN).describe("a", IQ2_XXS, 0, 256).data(new byte[66]),
            Refusal.Unsupported.class));
  }

  @ParameterizedTest
  @MethodSource({"beginnings", "metadata", "tensors"})
  void isRefusedForItsReasonAndCheaply(Malformed malformed) throws Exception {
    ByteSource source = new BytesSource("hostile.gguf", malformed.file());

    assertThat(refusalOf(source))
        .isExactlyInstanceOf(malformed.refusal())
        .hasMessageStartingWith("hostile.gguf: refused. ");
    assertThat(Allocation.bytes(() -> refusalOf(source)))
        .isLessThan(MOST_ALLOCATED + 8L * malformed.file().length);
  }

  @Test
  void everyCutOfAHeaderIsTruncated() {
    byte[] header =
        valid().texts("t", "a", "b").array("n", ARR, 1, to -> to.u32(U32).u64(1).u32(7)).header();

    LongStream.range(0, header.length)
        .forEach(length -> {
          byte[] cut = Arrays.copyOf(header, (int) length);
          assertThat(refusalOf(new BytesSource("cut", cut)))
              .isExactlyInstanceOf(Refusal.Truncated.class);
        });
  }

  @Test
  void aTruncatedTensorSaysWhatIsMissing() {
    byte[] file = tensor(F32, 32, 16).build();

    Refusal.Truncated refusal = (Refusal.Truncated) refusalOf(new BytesSource("f", file));

    assertThat(refusal.subject()).isEqualTo("a");
    assertThat(refusal.needed()).isEqualTo(64);
    assertThat(refusal.available()).isEqualTo(32);
    assertThat(refusal.offset()).isEqualTo(24);
  }

  @Test
  void aWrappingLengthIsSaidUnsigned() {
    Refusal.Truncated refusal =
        (Refusal.Truncated) refusalOf(new BytesSource("f", textLength(-1).build()));

    assertThat(refusal.subject()).isEqualTo("t");
    assertThat(refusal.detail()).contains("18446744073709551615");
    assertThat(refusal.needed()).isEqualTo(-1);
  }

  @Test
  void aPartialBlockSaysTheRest() {
    Refusal.Inconsistent refusal =
        (Refusal.Inconsistent) refusalOf(new BytesSource("f", tensor(Q4_K, 0, 300).build()));

    assertThat(refusal.found()).isEqualTo(44);
    assertThat(refusal.expected()).isZero();
  }

  @Test
  void aHeaderAboveItsLimitIsRefused() {
    byte[] file = valid().text("t", "x".repeat(1000)).build();
    Limits tight = new Limits(1000, 1000, 10, 10, 100, 10_000, 100, 4, 8, 10);

    Refusal refusal =
        catchThrowableOfType(
            Refusal.class, () -> GgufHeader.read(new BytesSource("f", file), tight));

    assertThat(refusal).isExactlyInstanceOf(Refusal.LimitExceeded.class);
    assertThat(((Refusal.LimitExceeded) refusal).allowed()).isEqualTo(1000);
  }

  private static Refusal refusalOf(ByteSource source) {
    return catchThrowableOfType(Refusal.class, () -> GgufHeader.read(source, Limits.DEFAULT));
  }

  private static Malformed of(String what, GgufBuilder file, Class<? extends Refusal> refusal) {
    return of(what, file.build(), refusal);
  }

  private static Malformed of(String what, byte[] file, Class<? extends Refusal> refusal) {
    return new Malformed(what, file, refusal);
  }

  private static GgufBuilder valid() {
    return new GgufBuilder()
        .text("general.architecture", "test")
        .tensor("w", TensorType.F32, new byte[16], 4);
  }

  private static GgufBuilder key(String key) {
    return valid().u32(key, 1);
  }

  private static byte[] rawKey(long length) {
    return new ByteWriter(ByteOrder.LITTLE_ENDIAN)
        .raw("GGUF".getBytes(StandardCharsets.US_ASCII))
        .u32(3)
        .u64(0)
        .u64(1)
        .u64(length)
        .raw(new byte[100])
        .toByteArray();
  }

  private static GgufBuilder pair(int type) {
    return valid().pair("t", type, to -> to.u64(0));
  }

  private static GgufBuilder textLength(long length) {
    return valid().pair("t", STR, to -> to.u64(length));
  }

  private static GgufBuilder text(int... bytes) {
    return valid()
        .pair(
            "t",
            STR,
            to -> {
              to.u64(bytes.length);
              Arrays.stream(bytes).forEach(to::u8);
            });
  }

  private static GgufBuilder array(int type, long count) {
    return valid().array("t", type, count, to -> to.u64(0));
  }

  private static GgufBuilder nested(int depth) {
    return valid()
        .array(
            "t",
            ARR,
            1,
            to -> {
              for (int i = 1; i < depth; i++) {
                to.u32(i + 1 == depth ? U8 : ARR).u64(i + 1 == depth ? 0 : 1);
              }
            });
  }

  private static byte[] wildRank() {
    byte[] file = tensor(F32, 0, 4).build();
    int rankAt = 24 + 8 + 1;
    Arrays.fill(file, rankAt, rankAt + 4, (byte) 0xFF);
    return file;
  }

  private static GgufBuilder tensor(long type, long offset, long... fastestFirst) {
    return new GgufBuilder().describe("a", type, offset, fastestFirst).data(new byte[64]);
  }
}
