package dev.witnessmark.format.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.MetadataValue.Flag;
import dev.witnessmark.format.MetadataValue.Real;
import dev.witnessmark.format.MetadataValue.Sequence;
import dev.witnessmark.format.MetadataValue.Text;
import dev.witnessmark.format.MetadataValue.Whole;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.Allocation;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class JsonMetadataTest {

  @Test
  void valuesKeepTheirKind() throws IOException {
    assertThat(
            read(
                """
                {"s": "x", "i": -3, "r": 1e-06, "t": true, "f": false, "none": null,
                 "big": 18446744073709551615, "inf": Infinity}
                """))
        .containsExactly(
            entry("config.s", new Text("x")),
            entry("config.i", new Whole(BigInteger.valueOf(-3))),
            entry("config.r", new Real(1e-6)),
            entry("config.t", new Flag(true)),
            entry("config.f", new Flag(false)),
            entry("config.big", new Whole(new BigInteger("18446744073709551615"))),
            entry("config.inf", new Real(Double.POSITIVE_INFINITY)));
  }

  @Test
  void objectsBecomeDottedKeys() throws IOException {
    assertThat(read("{\"a\":{\"b\":{\"c\":1},\"d\":2},\"e\":{}}"))
        .containsExactly(
            entry("config.a.b.c", new Whole(BigInteger.ONE)),
            entry("config.a.d", new Whole(BigInteger.TWO)));
  }

  @Test
  void arraysBecomeSequences() throws IOException {
    assertThat(read("{\"a\":[1,\"x\",true],\"b\":[]}"))
        .containsExactly(
            entry(
                "config.a",
                new Sequence(
                    "JSON",
                    3,
                    List.of(new Whole(BigInteger.ONE), new Text("x"), new Flag(true)),
                    6,
                    10)),
            entry("config.b", new Sequence("JSON", 0, List.of(), 23, 0)));
  }

  @Test
  void aLongArrayKeepsItsFirstElements() throws IOException {
    Sequence sequence = sequence(read("{\"a\":[" + "7,".repeat(9999) + "7]}"), "config.a");

    assertThat(sequence.count()).isEqualTo(10_000);
    assertThat(sequence.head()).hasSize(16);
  }

  @Test
  void objectsInArraysAreFoundByTheirIndex() throws IOException {
    Map<String, MetadataValue> metadata = read("{\"l\":[{\"t\":\"x\"},[1],{\"t\":\"y\"}]}");

    assertThat(metadata).containsEntry("config.l.0.t", new Text("x"));
    assertThat(metadata).containsEntry("config.l.2.t", new Text("y"));
    assertThat(sequence(metadata, "config.l").count()).isEqualTo(3);
    assertThat(sequence(metadata, "config.l").head()).isEmpty();
  }

  @Test
  void aByteOrderMarkIsPassedOver() throws IOException {
    assertThat(read("\uFEFF{\"a\":1}")).hasSize(1);
  }

  @Test
  void otherEncodingsAreRefused() {
    for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      BytesSource file = new BytesSource("config.json", "{\"a\":1}".getBytes(charset));

      assertThat(
              catchThrowableOfType(
                  Refusal.class, () -> JsonMetadata.read(file, "", Limits.DEFAULT)))
          .isExactlyInstanceOf(Refusal.Malformed.class);
    }
  }

  @Test
  void oneKeyInTwoSpellingsIsADuplicate() {
    assertThat(refusalOf("{\"a.b\":1,\"a\":{\"b\":2}}"))
        .isExactlyInstanceOf(Refusal.Duplicate.class);
  }

  @Test
  void aKeyTwiceIsADuplicate() {
    assertThat(refusalOf("{\"a\":1,\"a\":1}")).isExactlyInstanceOf(Refusal.Duplicate.class);
  }

  @Test
  void nestingAboveTheLimitIsRefused() {
    assertThat(refusalOf("{\"a\":".repeat(9) + "1" + "}".repeat(9)))
        .isExactlyInstanceOf(Refusal.LimitExceeded.class);
  }

  @Test
  void aNumberOfManyDigitsIsRefused() {
    assertThat(refusalOf("{\"a\":" + "9".repeat(5000) + "}"))
        .isExactlyInstanceOf(Refusal.LimitExceeded.class);
  }

  @Test
  void aLongNameAroundManyMembersCostsNoMemory() throws Exception {
    StringBuilder json = new StringBuilder("{\"" + "n".repeat(60_000) + "\":{");
    for (int i = 0; i < 20_000; i++) {
      json.append("\"").append(i).append("\":null,");
    }
    byte[] file = json.append("\"z\":1}}").toString().getBytes(StandardCharsets.UTF_8);
    BytesSource source = new BytesSource("config.json", file);

    long allocated =
        Allocation.bytes(() ->
            assertThat(
                    catchThrowableOfType(
                        Refusal.class, () -> JsonMetadata.read(source, "config.", Limits.DEFAULT)))
                .isExactlyInstanceOf(Refusal.LimitExceeded.class));

    assertThat(allocated).isLessThan(3 * Limits.DEFAULT.jsonHeaderBytes());
  }

  @Test
  void aFileAboveTheLimitIsRefusedUnread() {
    Limits tight = new Limits(10, 10, 10, 10, 10, 10, 10, 4, 8, 1);
    byte[] file = "{\"aaaaaaa\":1}".getBytes(StandardCharsets.UTF_8);

    Refusal.LimitExceeded refusal =
        (Refusal.LimitExceeded)
            catchThrowableOfType(
                Refusal.class,
                () -> JsonMetadata.read(new BytesSource("config.json", file), "", tight));

    assertThat(refusal.found()).isEqualTo(13);
    assertThat(refusal.allowed()).isEqualTo(10);
  }

  private static Map<String, MetadataValue> read(String json) throws IOException {
    byte[] file = json.getBytes(StandardCharsets.UTF_8);
    return JsonMetadata.read(new BytesSource("config.json", file), "config.", Limits.DEFAULT);
  }

  private static Sequence sequence(Map<String, MetadataValue> metadata, String key) {
    return (Sequence) Objects.requireNonNull(metadata.get(key));
  }

  private static Refusal refusalOf(String json) {
    return catchThrowableOfType(Refusal.class, () -> read(json));
  }
}
