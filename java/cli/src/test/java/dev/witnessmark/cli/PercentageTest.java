package dev.witnessmark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class PercentageTest {

  @ParameterizedTest
  @CsvSource({"1, 0.01", "0.5, 0.005", "0.5%, 0.005", "3 %, 0.03", "1e-3, 0.00001"})
  void percentagesAreShares(String text, double share) {
    assertThat(new Percentage().convert(text)).isEqualTo(share);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "0", "-1", "100", "NaN", "1%%", "a few"})
  void othersAreRefused(String text) {
    assertThatThrownBy(() -> new Percentage().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }
}
