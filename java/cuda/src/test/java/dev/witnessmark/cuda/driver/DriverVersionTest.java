package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DriverVersionTest {

  @Test
  void readsAsPeopleWriteIt() {
    assertThat(new DriverVersion(13000)).hasToString("CUDA 13.0");
    assertThat(new DriverVersion(12060)).hasToString("CUDA 12.6");
  }

  @Test
  void capabilitiesOfTwoDigitsAreAboveThoseOfOne() {
    assertThat(new ComputeCapability(10, 0)).isGreaterThan(new ComputeCapability(9, 0));
    assertThat(new ComputeCapability(12, 0)).hasToString("sm_120");
  }
}
