package dev.witnessmark.kernels.difference;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MagnitudeHistogramTest {

  @Test
  void binsOfKnownMagnitudes() {
    assertThat(MagnitudeHistogram.bin(0)).isEqualTo(0);
    assertThat(MagnitudeHistogram.bin(Float.MIN_VALUE)).isEqualTo(1);
    assertThat(MagnitudeHistogram.bin(Float.MIN_NORMAL)).isEqualTo(1);
    assertThat(MagnitudeHistogram.bin(Math.nextUp(Float.MIN_NORMAL))).isEqualTo(2);
    assertThat(MagnitudeHistogram.bin(0.5f)).isEqualTo(126);
    assertThat(MagnitudeHistogram.bin(1)).isEqualTo(127);
    assertThat(MagnitudeHistogram.bin(1.5f)).isEqualTo(128);
    assertThat(MagnitudeHistogram.bin(2)).isEqualTo(128);
    assertThat(MagnitudeHistogram.bin(Float.MAX_VALUE)).isEqualTo(255);
    assertThat(MagnitudeHistogram.bin(Float.POSITIVE_INFINITY)).isEqualTo(255);
  }

  @Property(tries = 500)
  void everyMagnitudeLiesBetweenTheEdgesOfItsBin(@ForAll int bits) {
    float magnitude = Math.abs(Float.intBitsToFloat(bits));
    if (Float.isNaN(magnitude)) {
      return;
    }
    int bin = MagnitudeHistogram.bin(magnitude);
    assertThat((double) magnitude).isLessThanOrEqualTo(MagnitudeHistogram.upperEdge(bin));
    if (bin > 0) {
      assertThat((double) magnitude).isGreaterThan(MagnitudeHistogram.upperEdge(bin - 1));
    }
  }
}
