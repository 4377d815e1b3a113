package dev.witnessmark.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CompensatedSumTest {

  @Test
  void keepsWhatEachAdditionRoundsAway() {
    CompensatedSum sum = new CompensatedSum();
    sum.add(1e30);
    sum.add(1);
    sum.add(0x1p-40);
    sum.add(-1e30);
    assertThat(sum.value()).isEqualTo(1 + 0x1p-40);
  }

  @Test
  void takesALargerValueAfterASmallerOne() {
    CompensatedSum sum = new CompensatedSum();
    sum.add(1);
    sum.add(0x1p60);
    sum.add(-0x1p60);
    assertThat(sum.value()).isEqualTo(1);
  }

  @Test
  void mergingCarriesTheCompensationOver() {
    CompensatedSum first = new CompensatedSum();
    first.add(0x1p60);
    first.add(1);
    CompensatedSum second = new CompensatedSum();
    second.add(-0x1p60);
    second.add(2);
    first.add(second);
    assertThat(first.value()).isEqualTo(3);
  }

  @Test
  void staysInfiniteOnceItIs() {
    CompensatedSum sum = new CompensatedSum();
    sum.add(Double.MAX_VALUE);
    sum.add(Double.MAX_VALUE);
    sum.add(1);
    assertThat(sum.value()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void tenMillionTenthsAreRightToOneRounding() {
    CompensatedSum sum = new CompensatedSum();
    for (int i = 0; i < 10_000_000; i++) {
      sum.add(0.1);
    }
    // 10⁷ times the double nearest to 0.1, 0.1 + 5.55e-18, is 10⁶ + 5.55e-11: half an ulp is
    // 5.8e-11.
    assertThat(sum.value()).isEqualTo(1e6);
  }
}
