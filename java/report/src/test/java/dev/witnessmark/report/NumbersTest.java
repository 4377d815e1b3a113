package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0",
        "-0.0|0",
        "1|1.000",
        "1.4594|1.459",
        "-12.3456|-12.35",
        "0.26463|0.2646",
        "0.00123456|0.001235",
        "0.000999|9.990e-04",
        "99999|99999",
        "123456|1.235e+05",
        "5e-324|4.900e-324",
        "Infinity|∞",
        "-Infinity|−∞",
        "NaN|NaN",
      })
  void measureShowsFourDigits(double value, String text) {
    assertThat(Numbers.measure(value)).isEqualTo(text);
  }

  @Test
  void undefinedIsADashAndNeverZero() {
    assertThat(Numbers.measure(null)).isEqualTo("–");
    assertThat(Numbers.cosine(null)).isEqualTo("–");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "-1, -1",
    "0, 0.0000",
    "0.5475, 0.5475",
    "0.9997814469847788, 0.999781",
    "0.99999999, 0.9999999900",
  })
  void cosineHasTheDigitsThatTellItFromOne(double value, String text) {
    assertThat(Numbers.cosine(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "999, 999",
    "1000, 1.00 K",
    "5051904, 5.05 M",
    "33212160, 33.2 M",
    "999999, 1.00 M",
    "9999, 10.0 K",
    "9223372036854775807, 9.22 E",
  })
  void countsAreScaledByThousands(long value, String text) {
    assertThat(Numbers.count(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.00 KiB",
    "10066330, 9.60 MiB",
    "1048575, 1.00 MiB",
    "9223372036854775807, 8.00 EiB",
  })
  void bytesAreScaledByPowersOfTwo(long value, String text) {
    assertThat(Numbers.bytes(value)).isEqualTo(text);
  }

  @Test
  void exactGroupsDigits() {
    assertThat(Numbers.exact(5_051_904)).isEqualTo("5,051,904");
    assertThat(Numbers.exact(-1000)).isEqualTo("-1,000");
    assertThat(Numbers.percent(0.12345)).isEqualTo("12.3 %");
  }
}
