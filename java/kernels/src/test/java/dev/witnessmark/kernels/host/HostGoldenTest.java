package dev.witnessmark.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.testing.GoldenCase;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HostGoldenTest {

  static Stream<GoldenCase> golden() {
    return GoldenCase.all();
  }

  @ParameterizedTest
  @MethodSource("golden")
  void scalarResultsAreGolden(GoldenCase golden) {
    assertThat(golden.check(HostDevice.scalar())).isEmpty();
  }
}
