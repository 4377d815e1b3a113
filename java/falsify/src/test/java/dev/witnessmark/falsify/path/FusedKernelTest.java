package dev.witnessmark.falsify.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FusedKernelTest {

  private final Q4kBlock block = new Q4kBlock(Synthetic.block(), 0);
  private final float[] x = Synthetic.activations(0);
  private final Q8Activations quantised = Q8Activations.of(x);

  @ParameterizedTest
  @CsvSource({"LANES, c693a21e", "WHOLE, c693a21e", "PAIRS, c693a21f", "MISPAIRED, c695956c"})
  void everyKernelHasItsBits(FusedKernel kernel, String bits) {
    assertThat(Integer.toHexString(Float.floatToRawIntBits(kernel.dot(block, quantised))))
        .isEqualTo(bits);
  }

  @Test
  void blockActivationsAndCodesAreThoseOfTheDefinition() {
    assertThat(Checksum.of(Synthetic.block())).isEqualTo(0x7dbc0f73);
    assertThat(Checksum.of(block.weights())).isEqualTo(0x8ad26aed);
    assertThat(Checksum.of(x)).isEqualTo(0x06c7f352);
    assertThat(quantised.scale()).isEqualTo(Float.intBitsToFloat(0x3d4e69a0));
    assertThat(quantised.inverse()).isEqualTo(Float.intBitsToFloat(0x419ec000));
    assertThat(Checksum.of(quantised.codes())).isEqualTo(0x2b3dcf9d);
  }

  @Test
  void productsOfDecodedWeights() {
    assertThat(Float.floatToRawIntBits(Dot.sequential(block.weights(), x))).isEqualTo(0xc69384e3);
    assertThat(Float.floatToRawIntBits(Dot.sequential(block.weights(), quantised.values())))
        .isEqualTo(0xc693a220);
    assertThat(Dot.exact(block.weights(), x)).isEqualTo(-18882.45545974467);
  }
}
