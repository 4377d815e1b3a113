package dev.witnessmark.format.safetensors;

import static dev.witnessmark.format.testing.SafetensorsBuilder.entry;
import static dev.witnessmark.format.testing.SafetensorsBuilder.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.Allocation;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.Malformed;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Families of malformed safetensors files: each has its refusal, and none costs memory. */
class SafetensorsMalformedTest {

  private static final byte[] NONE = {};
  private static final byte[] EIGHT = new byte[8];
  private static final long MOST_ALLOCATED = 1 << 20;

  static Stream<Malformed> headers() {
    byte[] braces = "{}".getBytes(StandardCharsets.US_ASCII);
    return Stream.of(
        of("empty", NONE, Refusal.Truncated.class),
        of("seven bytes", new byte[7], Refusal.Truncated.class),
        of("length 0", new byte[8], Refusal.Malformed.class),
        of("length 2^63", file(Long.MIN_VALUE, braces, NONE), Refusal.LimitExceeded.class),
        of("length 2^64-1", file(-1, braces, NONE), Refusal.LimitExceeded.class),
        of("length 2^32+2", file((1L << 32) + 2, braces, NONE), Refusal.LimitExceeded.class),
        of("length past the end", file(3, braces, NONE), Refusal.Truncated.class),
        of("length at the cap", file(100_000_000, braces, NONE), Refusal.Truncated.class),
        of("length above the cap", file(100_000_001, braces, NONE), Refusal.LimitExceeded.class),
        of("length cuts the object", file(1, braces, NONE), Refusal.Malformed.class),
        json("a leading space", " {}", NONE),
        json("an array", "[]", NONE),
        json("a number", "1", NONE),
        json("cut", "{\"a\":", NONE),
        json("trailing letters", "{}x", NONE),
        json("a second object", "{}{}", NONE),
        json("NUL padding", "{}\0\0", NONE),
        json("a lone comma", "{,}", NONE),
        json("single quotes", "{'a':1}", NONE),
        json("a comment", "{/**/}", NONE),
        of("not UTF-8", file(4, bytes('{', 0xFF, '}', ' '), NONE), Refusal.Malformed.class),
        of(
            "UTF-16",
            file(4, "{}".getBytes(StandardCharsets.UTF_16LE), NONE),
            Refusal.Malformed.class),
        of(
            "a byte order mark",
            file(5, bytes(0xEF, 0xBB, 0xBF, '{', '}'), NONE),
            Refusal.Malformed.class),
        of("100,000 nested", file("{\"a\":" + "[".repeat(100_000), NONE), Refusal.Malformed.class),
        of(
            "100,000 nested in a member that is not read",
            file("{\"a\":{\"x\":" + "[".repeat(100_000), NONE),
            Refusal.LimitExceeded.class),
        json("metadata that is no object", "{\"__metadata__\":1}", NONE),
        json("metadata of numbers", "{\"__metadata__\":{\"a\":1}}", NONE),
        json("metadata of objects", "{\"__metadata__\":{\"a\":{}}}", NONE),
        json("metadata null", "{\"__metadata__\":null}", NONE),
        of(
            "metadata twice",
            file("{\"__metadata__\":{},\"__metadata__\":{}}", NONE),
            Refusal.Duplicate.class),
        of(
            "a metadata key twice",
            file("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", NONE),
            Refusal.Duplicate.class));
  }

  static Stream<Malformed> entries() {
    String longName = "n".repeat(65_536);
    return Stream.of(
        json("a tensor that is no object", "{\"a\":1}", NONE),
        json("no dtype", "{\"a\":{\"shape\":[],\"data_offsets\":[0,0]}}", NONE),
        json("no shape", "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}", NONE),
        json("no offsets", "{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}", NONE),
        json("dtype a number", "{\"a\":{\"dtype\":1}}", NONE),
        one("an unknown dtype", "Q4", "[1]", 0, 8, Refusal.UnknownType.class),
        one("a sub-byte dtype", "F4", "[16]", 0, 8, Refusal.UnknownType.class),
        one("a complex dtype", "C64", "[1]", 0, 8, Refusal.UnknownType.class),
        one("dtype in lower case", "f32", "[2]", 0, 8, Refusal.UnknownType.class),
        one("shape a number", "U8", "8", 0, 8, Refusal.Malformed.class),
        one("a negative dimension", "U8", "[-8]", 0, 8, Refusal.Malformed.class),
        one("a fractional dimension", "U8", "[8.0]", 0, 8, Refusal.Malformed.class),
        one("an exponent", "U8", "[8e0]", 0, 8, Refusal.Malformed.class),
        one("a dimension of text", "U8", "[\"8\"]", 0, 8, Refusal.Malformed.class),
        one("a dimension null", "U8", "[null]", 0, 8, Refusal.Malformed.class),
        one("nine dimensions", "U8", "[1,1,1,1,1,1,1,1,8]", 0, 8, Refusal.Malformed.class),
        one("a dimension of 2^63", "U8", "[9223372036854775808]", 0, 8, Refusal.SizeOverflow.class),
        one(
            "a dimension of 2^64+8",
            "U8",
            "[18446744073709551624]",
            0,
            8,
            Refusal.SizeOverflow.class),
        one("2^64 elements", "U8", "[4294967296,4294967296]", 0, 0, Refusal.SizeOverflow.class),
        one("2^64 bytes", "F64", "[2305843009213693952]", 0, 0, Refusal.SizeOverflow.class),
        one("0 x 2^64", "U8", "[0,4294967296,4294967296]", 0, 0, Refusal.SizeOverflow.class),
        one("more than its shape", "U8", "[7]", 0, 8, Refusal.Inconsistent.class),
        one("less than its shape", "F32", "[3]", 0, 8, Refusal.Inconsistent.class),
        one("end before begin", "U8", "[8]", 8, 0, Refusal.Inconsistent.class),
        one("a negative offset", "U8", "[8]", -8, 0, Refusal.Malformed.class),
        one(
            "end of 2^63-1",
            "U8",
            "[8]",
            Long.MAX_VALUE - 8,
            Long.MAX_VALUE,
            Refusal.SizeOverflow.class),
        one("end of 2^64-1", "U8", "[8]", 0, "18446744073709551615", Refusal.SizeOverflow.class),
        one("a hole at the beginning", "U8", "[4]", 4, 8, Refusal.Inconsistent.class),
        one("bytes after the end", "U8", "[4]", 0, 4, Refusal.Inconsistent.class),
        one("past the end", "U8", "[9]", 0, 9, Refusal.Truncated.class),
        json("one offset", "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8]}}", EIGHT),
        json(
            "three offsets",
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8,8]}}",
            EIGHT),
        of(
            "a dtype twice",
            file("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\"}}", NONE),
            Refusal.Duplicate.class),
        two("same bytes twice", entry("b", "U8", "[8]", 0, 8), Refusal.Overlap.class),
        two("overlap", entry("b", "U8", "[8]", 4, 12), Refusal.Overlap.class),
        two("empty inside another", entry("b", "U8", "[0]", 4, 4), Refusal.Overlap.class),
        two("a hole between", entry("b", "U8", "[1]", 9, 10), Refusal.Inconsistent.class),
        two("same name twice", entry("a", "U8", "[8]", 8, 16), Refusal.Duplicate.class),
        two("same name, escaped", entry("\\u0061", "U8", "[8]", 8, 16), Refusal.Duplicate.class),
        two("an empty name", entry("", "U8", "[0]", 8, 8), Refusal.Malformed.class),
        two("NUL in a name", entry("\\u0000", "U8", "[0]", 8, 8), Refusal.Malformed.class),
        two("half a character", entry("\\ud83c", "U8", "[0]", 8, 8), Refusal.Malformed.class),
        two("a long name", entry(longName, "U8", "[0]", 8, 8), Refusal.LimitExceeded.class),
        of(
            "an LFS pointer",
            "version https://git-lfs.github.com/spec/v1".getBytes(StandardCharsets.UTF_8),
            Refusal.LimitExceeded.class),
        of("a pickle", bytes(0x80, 2, '}', 'q', 0, '.', 0, 0, 0), Refusal.LimitExceeded.class));
  }

  @ParameterizedTest
  @MethodSource({"headers", "entries"})
  void isRefusedForItsReasonAndCheaply(Malformed malformed) throws Exception {
    ByteSource source = new BytesSource("hostile.safetensors", malformed.file());

    assertThat(refusalOf(source))
        .isExactlyInstanceOf(malformed.refusal())
        .hasMessageStartingWith("hostile.safetensors: refused. ");
    assertThat(Allocation.bytes(() -> refusalOf(source)))
        .isLessThan(MOST_ALLOCATED + 8L * malformed.file().length);
  }

  @Test
  void everyCutIsRefused() {
    byte[] file =
        new SafetensorsBuilder()
            .metadata("format", "pt")
            .tensor("a", "U8", EIGHT, 8)
            .tensor("b", "F32", EIGHT, 2)
            .build();

    IntStream.range(0, file.length)
        .forEach(length ->
            assertThat(refusalOf(new BytesSource("cut", Arrays.copyOf(file, length))))
                .isExactlyInstanceOf(Refusal.Truncated.class));
  }

  @Test
  void aFaultInTheHeaderIsAtItsByteOfTheFile() {
    byte[] file = file("{\"a\":{\"dtype\":\"U8\",\"shape\":[x]}}", NONE);

    assertThat(refusalOf(new BytesSource("f", file)).offset()).isEqualTo(8 + 28);
  }

  @Test
  void aWrongLengthSaysBothNumbers() {
    byte[] file = file("{" + entry("a", "F32", "[3]", 0, 8) + "}", EIGHT);

    Refusal.Inconsistent refusal = (Refusal.Inconsistent) refusalOf(new BytesSource("f", file));

    assertThat(refusal.subject()).isEqualTo("a");
    assertThat(refusal.found()).isEqualTo(8);
    assertThat(refusal.expected()).isEqualTo(12);
    assertThat(refusal.offset()).isEqualTo(9);
  }

  @Test
  void moreBytesThanItsShapeSaysBothNumbers() {
    byte[] file = file("{" + entry("a", "U8", "[7]", 0, 8) + "}", EIGHT);

    Refusal.Inconsistent refusal = (Refusal.Inconsistent) refusalOf(new BytesSource("f", file));

    assertThat(refusal.subject()).isEqualTo("a");
    assertThat(refusal.found()).isEqualTo(8);
    assertThat(refusal.expected()).isEqualTo(7);
  }

  @Test
  void aHoleSaysWhereItEnds() {
    String header = "{" + entry("a", "U8", "[4]", 0, 4) + "," + entry("b", "U8", "[3]", 5, 8) + "}";

    Refusal.Inconsistent refusal =
        (Refusal.Inconsistent) refusalOf(new BytesSource("f", file(header, EIGHT)));

    assertThat(refusal.subject()).isEqualTo("b");
    assertThat(refusal.found()).isEqualTo(5);
    assertThat(refusal.expected()).isEqualTo(4);
  }

  @Test
  void nestingAboveTheLimitSaysBothNumbers() {
    byte[] file = file("{\"a\":{\"x\":" + "[".repeat(50), NONE);

    Refusal.LimitExceeded refusal = (Refusal.LimitExceeded) refusalOf(new BytesSource("f", file));

    assertThat(refusal.found()).isEqualTo(9);
    assertThat(refusal.allowed()).isEqualTo(8);
  }

  private static Refusal refusalOf(ByteSource source) {
    return catchThrowableOfType(
        Refusal.class, () -> SafetensorsHeader.read(source, Limits.DEFAULT));
  }

  private static Malformed of(String what, byte[] file, Class<? extends Refusal> refusal) {
    return new Malformed(what, file, refusal);
  }

  private static Malformed json(String what, String header, byte[] data) {
    return of(what, file(header, data), Refusal.Malformed.class);
  }

  /** A tensor {@code a} in eight bytes of data. */
  private static Malformed one(
      String what,
      String dtype,
      String shape,
      Object begin,
      Object end,
      Class<? extends Refusal> refusal) {
    return of(what, file("{" + entry("a", dtype, shape, begin, end) + "}", EIGHT), refusal);
  }

  /** A right tensor {@code a} of eight bytes, then another, in sixteen bytes of data. */
  private static Malformed two(String what, String second, Class<? extends Refusal> refusal) {
    String header = "{" + entry("a", "U8", "[8]", 0, 8) + "," + second + "}";
    return of(what, file(header, new byte[16]), refusal);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
