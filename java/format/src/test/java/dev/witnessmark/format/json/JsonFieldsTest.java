package dev.witnessmark.format.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFieldsTest {

  private final List<String> names = new ArrayList<>();

  /** {@code a} is a scalar, {@code list} an array of at most two objects with a {@code name}. */
  private JsonFields read(String text) throws IOException {
    BytesSource source = new BytesSource("f.json", text.getBytes(StandardCharsets.UTF_8));
    try (JsonInput json = JsonInput.object(source, 0, source.size(), Limits.DEFAULT)) {
      JsonFields fields =
          JsonFields.read(
              json,
              "",
              Set.of("a"),
              Map.of(
                  "list",
                  at ->
                      JsonFields.elements(
                          json,
                          at,
                          2,
                          each ->
                              names.add(
                                  JsonFields.read(json, each, Set.of("name"), Map.of())
                                      .text("name")))));
      json.finish();
      return fields;
    }
  }

  private JsonFields scalar(String value) throws IOException {
    return read("{\"a\": %s, \"list\": []}".formatted(value));
  }

  @Test
  void membersComeInAnyOrder() throws IOException {
    JsonFields fields = read("{\"list\": [{\"name\": \"x\"}, {\"name\": \"y\"}], \"a\": 7}");
    assertThat(fields.count("a", 7)).isEqualTo(7);
    assertThat(names).containsExactly("x", "y");
  }

  @Test
  void valuesHaveTheirTypes() throws IOException {
    assertThat(scalar("\"t\"").text("a")).isEqualTo("t");
    assertThat(scalar("\"t\"").optionalText("a")).contains("t");
    assertThat(scalar("null").optionalText("a")).isEmpty();
    assertThat(scalar("null").optionalCount("a", 9)).isEmpty();
    assertThat(scalar("0").optionalCount("a", 9)).contains(0L);
    assertThat(scalar("9223372036854775807").count("a", Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(scalar("3").number("a")).isEqualTo(3);
    assertThat(scalar("-2.5e3").number("a")).isEqualTo(-2500);
    assertThat(scalar("true").flag("a")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "null", "true", "1.5"})
  void otherThingsAreNoText(String value) throws IOException {
    JsonFields fields = scalar(value);
    assertThatExceptionOfType(Refusal.Malformed.class).isThrownBy(() -> fields.text("a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "-1", "9223372036854775808", "\"7\"", "null", "7.0"})
  void otherThingsAreNoCountOfUpToSeven(String value) throws IOException {
    JsonFields fields = scalar(value);
    assertThatExceptionOfType(Refusal.Malformed.class).isThrownBy(() -> fields.count("a", 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"1\"", "null", "NaN", "Infinity", "1e999"})
  void otherThingsAreNoNumber(String value) throws IOException {
    JsonFields fields = scalar(value);
    assertThatExceptionOfType(Refusal.Malformed.class).isThrownBy(() -> fields.number("a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "null", "\"true\""})
  void otherThingsAreNoFlag(String value) throws IOException {
    JsonFields fields = scalar(value);
    assertThatExceptionOfType(Refusal.Malformed.class).isThrownBy(() -> fields.flag("a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": 1} | /",
        "{\"list\": []} | /",
        "{\"a\": 1, \"list\": [], \"b/~c\": 1} | /b~1~0c",
        "{\"a\": 1, \"list\": [{}]} | /list/0",
        "{\"a\": 1, \"list\": [{\"name\": 1}]} | /list/0/name",
        "{\"a\": 1, \"list\": [{\"name\": \"\"}, 5]} | /list/1",
        "{\"a\": 1, \"list\": [{\"name\": \"\"}, {\"name\": \"\"}, {\"name\": \"\"}]} | /list",
        "{\"a\": 1, \"list\": null} | /list",
        "{\"a\": [1], \"list\": []} | /a",
      })
  void whatIsWrongIsNamedByItsPointer(String text, String pointer) {
    assertThatExceptionOfType(Refusal.Malformed.class)
        .isThrownBy(() -> read(text))
        .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo(pointer));
  }

  @Test
  void aMemberTwiceIsRefused() {
    assertThatExceptionOfType(Refusal.Duplicate.class)
        .isThrownBy(() -> read("{\"a\": 1, \"a\": 1, \"list\": []}"));
  }
}
