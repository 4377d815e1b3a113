package dev.witnessmark.fingerprint.bgz7;

import static dev.witnessmark.fingerprint.bgz7.Bgz7Index.Reading.LENIENT;
import static dev.witnessmark.fingerprint.bgz7.Bgz7Index.Reading.STRICT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.GoldenData;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.FaultyByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class Bgz7IndexTest {

  private static Bgz7Index open(String file, Bgz7Index.Reading reading) throws IOException {
    return Bgz7Index.open(GoldenData.path("bgz7/" + file), reading, Limits.DEFAULT);
  }

  private static Bgz7Index read(byte[] bytes, Bgz7Index.Reading reading) throws IOException {
    return Bgz7Index.read(new BytesSource("x.bgz7", bytes), reading, Limits.DEFAULT);
  }

  static byte[] bytesOf(Bgz7Record record) throws IOException {
    int count = Math.toIntExact(record.rows());
    short[] numbers = new short[count * Fingerprint.DIMENSIONS];
    record.read(0, count, numbers);
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(numbers);
    return bytes.array();
  }

  @ParameterizedTest
  @ValueSource(strings = {"base.bgz7", "base.stride16.bgz7"})
  void recordsAreThoseOfTheGoldenFile(String file) throws IOException {
    JsonNode golden = GoldenData.json("bgz7/bgz7.json").get(file);
    try (Bgz7Index index = open(file, STRICT)) {
      assertThat(index.declared()).isEqualTo(golden.get("declared_count_in_this_file").asLong());
      assertThat(index.notices()).isEmpty();
      assertThat(index.records()).hasSize(golden.get("records").size());
      for (int i = 0; i < index.records().size(); i++) {
        Bgz7Record record = index.records().get(i);
        JsonNode expected = golden.get("records").get(i);
        assertThat(record.name()).isEqualTo(expected.get("name").asString());
        assertThat(record.layerType().label()).isEqualTo(expected.get("layer_type").asString());
        assertThat(record.rows()).isEqualTo(expected.get("n_rows").asLong());
        assertThat(record.columns()).isEqualTo(expected.get("n_cols").asLong());
        short[] first = new short[Fingerprint.DIMENSIONS];
        record.read(0, 1, first);
        assertThat(first).isEqualTo(GoldenData.shorts(expected.get("first_row")));
        assertThat(GoldenData.fnv1a(bytesOf(record)))
            .isEqualTo(expected.get("rows_fnv1a64").asString());
      }
    }
  }

  /** Finding: writers count tensors that they leave out, and readers must not insist on it. */
  @Test
  void aCountThatIsTooHighIsANoticeD1() throws IOException {
    try (Bgz7Index index = open("base.overcount.bgz7", STRICT)) {
      assertThat(index.declared()).isEqualTo(40);
      assertThat(index.records()).hasSize(30);
      assertThat(index.truncated()).isFalse();
      assertThat(index.notices()).singleElement().asString().contains("40").contains("30");
    }
  }

  @Test
  void aFileThatEndsBetweenRecordsIsANotice() throws IOException {
    try (Bgz7Index index = open("base.cut_at_boundary.bgz7", STRICT)) {
      assertThat(index.declared()).isEqualTo(30);
      assertThat(index.records()).hasSize(5);
      assertThat(index.truncated()).isFalse();
      assertThat(index.notices()).hasSize(1);
    }
  }

  @Test
  void aFileThatEndsInsideARecordIsRefusedUnlessReadLeniently() throws IOException {
    Refusal.Truncated refusal =
        catchThrowableOfType(
            Refusal.Truncated.class, () -> open("base.cut_mid_record.bgz7", STRICT));
    assertThat(refusal.subject()).isEqualTo("record 5");
    try (Bgz7Index index = open("base.cut_mid_record.bgz7", LENIENT)) {
      assertThat(index.records()).hasSize(5);
      assertThat(index.truncated()).isTrue();
      assertThat(index.notices()).hasSize(1);
    }
  }

  @Test
  void bytesBehindTheLastRecordAreANotice() throws IOException {
    try (Bgz7Index index = open("undercount.bgz7", STRICT)) {
      assertThat(index.records()).hasSize(1);
      assertThat(index.trailingBytes()).isPositive();
      assertThat(index.notices())
          .singleElement()
          .asString()
          .contains(String.valueOf(index.trailingBytes()));
    }
  }

  @Test
  void anotherBeginningIsRefused() {
    assertThatThrownBy(() -> open("bad_magic.bgz7", STRICT))
        .isInstanceOf(Refusal.UnknownFormat.class);
    assertThatThrownBy(() -> open("bad_magic.bgz7", LENIENT))
        .isInstanceOf(Refusal.UnknownFormat.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4, 7})
  void aFileShorterThanItsHeaderIsRefused(int length) throws IOException {
    byte[] bytes = Arrays.copyOf(GoldenData.bytes("bgz7/base.bgz7"), length);
    assertThatThrownBy(() -> read(bytes, LENIENT)).isInstanceOf(Refusal.class);
  }

  @Test
  void aTensorWithoutRowsIsRead() throws IOException {
    try (Bgz7Index index = open("zero_rows_a.bgz7", STRICT)) {
      assertThat(index.records().getFirst().rows()).isZero();
      index.records().getFirst().read(0, 0, new short[0]);
    }
  }

  /** Wherever a file is cut: the records before, and an error or a notice about the rest. */
  @Test
  void everyPrefixOfAFileIsReadOrRefused() throws IOException {
    byte[] whole = file(3, 5);
    int record = (whole.length - 8) / 3;
    for (int length = 8; length < whole.length; length++) {
      byte[] bytes = Arrays.copyOf(whole, length);
      int complete = (length - 8) / record;
      Bgz7Index lenient = read(bytes, LENIENT);
      assertThat(lenient.records()).hasSize(complete);
      if ((length - 8) % record == 0) {
        assertThat(read(bytes, STRICT).records()).hasSize(complete);
        assertThat(lenient.truncated()).isFalse();
      } else {
        Refusal.Truncated refusal =
            catchThrowableOfType(Refusal.Truncated.class, () -> read(bytes, STRICT));
        assertThat(refusal.subject()).isEqualTo("record " + complete);
        assertThat(refusal.needed()).isGreaterThan(refusal.available());
        assertThat(lenient.truncated()).isTrue();
      }
    }
  }

  /** A file of {@code count} records of {@code rows} rows each. */
  static byte[] file(int count, int rows) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("BGZ7".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(u32(count));
    for (int i = 0; i < count; i++) {
      out.writeBytes(record("%07d".formatted(i).getBytes(StandardCharsets.UTF_8), 1, rows, 64));
      out.writeBytes(new byte[Fingerprint.BYTES * rows]);
    }
    return out.toByteArray();
  }

  private static byte[] record(byte[] name, int type, int rows, int columns) {
    return ByteBuffer.allocate(13 + name.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(name.length)
        .put(name)
        .put((byte) type)
        .putInt(rows)
        .putInt(columns)
        .array();
  }

  private static byte[] u32(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private static byte[] with(byte[] header, byte[] record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Arrays.copyOf(header, 4));
    out.writeBytes(u32(1));
    out.writeBytes(record);
    return out.toByteArray();
  }

  @Test
  void nothingIsAllocatedFromANumberThatTheFileCannotHold() throws IOException {
    byte[] begin = file(0, 0);
    byte[] fourGigabytesOfName = with(begin, u32(-1));
    assertThatThrownBy(() -> read(fourGigabytesOfName, STRICT))
        .isInstanceOfSatisfying(
            Refusal.LimitExceeded.class,
            refusal -> {
              assertThat(refusal.found()).isEqualTo(0xFFFF_FFFFL);
              assertThat(refusal.allowed()).isEqualTo(65_535);
            });
    byte[] manyRows = with(begin, record(new byte[] {'a'}, 0, -1, -1));
    assertThatThrownBy(() -> read(manyRows, STRICT))
        .isInstanceOfSatisfying(
            Refusal.Truncated.class,
            refusal -> {
              assertThat(refusal.needed()).isEqualTo(0xFFFF_FFFFL * 34);
              assertThat(refusal.available()).isZero();
              assertThat(refusal.subject()).isEqualTo("record 0");
              assertThat(refusal.offset()).isEqualTo(8 + 14);
            });
  }

  @Test
  void aLongNameThatIsThereIsRead() throws IOException {
    byte[] name = new byte[65_535];
    Arrays.fill(name, (byte) 'n');
    byte[] bytes = with(file(0, 0), record(name, 9, 0, 7));
    Bgz7Index index = read(bytes, STRICT);
    assertThat(index.records().getFirst().name()).hasSize(65_535);
    assertThat(index.records().getFirst().layerType()).isEqualTo(LayerType.SKIP);
    assertThat(index.records().getFirst().columns()).isEqualTo(7);
  }

  @Test
  void aNameThatIsNoTextIsRefused() {
    byte[] bytes = with(file(0, 0), record(new byte[] {'a', (byte) 0xC3}, 0, 0, 0));
    assertThatThrownBy(() -> read(bytes, LENIENT))
        .isInstanceOfSatisfying(
            Refusal.Malformed.class, refusal -> assertThat(refusal.offset()).isEqualTo(12));
  }

  @Test
  void repeatedNamesAreKeptAndNoticed() throws IOException {
    byte[] bytes = file(4, 1);
    System.arraycopy(bytes, 12, bytes, 12 + 54, 7); // the second record gets the name of the first
    Bgz7Index index = read(bytes, STRICT);
    assertThat(index.records()).hasSize(4);
    assertThat(index.notices()).singleElement().asString().contains("0000000");
  }

  @Test
  void aMillionSmallRecordsTakeLinearTime() throws IOException {
    byte[] bytes = file(1_000_000, 0);
    Bgz7Index index = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> read(bytes, STRICT));
    assertThat(index.records()).hasSize(1_000_000);
    Limits fewer = Limits.DEFAULT.with("tensors", 999_999);
    assertThatThrownBy(() -> Bgz7Index.read(new BytesSource("x", bytes), STRICT, fewer))
        .isInstanceOf(Refusal.LimitExceeded.class);
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatGoesWrongIsNeverReadAsAShorterOne(FaultyByteSource.Fault fault) throws IOException {
    byte[] whole = file(20, 30);
    for (long at = 0; at < whole.length; at += 97) {
      FaultyByteSource faulty = new FaultyByteSource(new BytesSource("x", whole), fault, at);
      if (fault == FaultyByteSource.Fault.SHORT) {
        continue; // another file, see everyPrefixOfAFileIsReadOrRefused
      }
      assertThatIOException()
          .isThrownBy(() -> {
            Bgz7Index index = Bgz7Index.read(faulty, LENIENT, Limits.DEFAULT);
            for (Bgz7Record record : index.records()) {
              bytesOf(record);
            }
          });
    }
  }

  @Test
  void rowsThatAreNotThereAreRefused() throws IOException {
    Bgz7Record record = read(file(1, 5), STRICT).records().getFirst();
    short[] target = new short[3 * Fingerprint.DIMENSIONS];
    assertThatThrownBy(() -> record.read(3, 3, target))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> record.read(0, 4, target))
        .isInstanceOf(IndexOutOfBoundsException.class);
    record.read(2, 3, target);
  }

  @Test
  void rangesAreThePartsOfTheWhole() throws IOException {
    try (Bgz7Index index = open("base.bgz7", STRICT)) {
      Bgz7Record record = index.records().get(1);
      short[] all = new short[64 * Fingerprint.DIMENSIONS];
      record.read(0, 64, all);
      short[] part = new short[9 * Fingerprint.DIMENSIONS];
      record.read(55, 9, part);
      assertThat(part).isEqualTo(Arrays.copyOfRange(all, 55 * 17, 64 * 17));
    }
  }
}
