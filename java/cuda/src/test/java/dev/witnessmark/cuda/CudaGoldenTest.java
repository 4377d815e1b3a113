package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.testing.GoldenCase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Results that were computed independently of this program. */
@Tag("device")
class CudaGoldenTest {

  @Test
  void resultsAreGolden() {
    try (CudaDevice device = TestCudaDevice.open()) {
      assertThat(GoldenCase.all())
          .isNotEmpty()
          .allSatisfy(golden -> assertThat(golden.check(device)).as(golden.toString()).isEmpty());
    }
  }
}
