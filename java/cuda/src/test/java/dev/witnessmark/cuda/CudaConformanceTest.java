package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Family;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole kernel test table, bit for bit. */
@Tag("device")
class CudaConformanceTest {

  @SuppressWarnings("NullAway.Init") // Set before the first test.
  private static CudaDevice device;

  @BeforeAll
  static void open() {
    device = TestCudaDevice.open();
  }

  @AfterAll
  static void close() {
    device.close();
  }

  @ParameterizedTest
  @EnumSource
  void aFamilyHasTheOraclesBits(Family family) {
    List<Trial> trials =
        Trial.all().stream().filter(trial -> trial.operation().family() == family).toList();

    assertThat(trials)
        .isNotEmpty()
        .allSatisfy(trial -> {
          assertThat(device.supports(trial.operation(), Arithmetic.CANONICAL))
              .as(trial.operation().kernelName())
              .isTrue();
          assertThat(Conformance.check(trial, device)).as(trial.toString()).isEmpty();
        });
  }
}
