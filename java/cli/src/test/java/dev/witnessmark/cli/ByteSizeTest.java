package dev.witnessmark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "4096, 4096",
    "512M, 536870912",
    "2G, 2147483648",
    "2g, 2147483648",
    "2GiB, 2147483648",
    "2 GB, 2147483648",
    "1K, 1024",
    "1T, 1099511627776",
    "8388607T, 9223370937343148032",
    "9223372036854775807, 9223372036854775807",
  })
  void readsSizes(String text, long bytes) {
    assertThat(new ByteSize().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "B",
        "G",
        "-1",
        "0",
        "0G",
        "1.5G",
        "1X",
        "8388608T",
        "9223372036854775808"
      })
  void refusesWhatIsNoSize(String text) {
    assertThatExceptionOfType(TypeConversionException.class)
        .isThrownBy(() -> new ByteSize().convert(text));
  }
}
