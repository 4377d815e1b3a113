package dev.witnessmark.kernels.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** The oracle and the vectors on any bytes; run once for each vector width. */
@Tag("width")
class DecoderPropertiesTest {

  @Property(tries = 500)
  void vectorsGiveTheBitsOfTheOracle(
      @ForAll TensorType type, @ForAll @IntRange(max = 40) int blocks, @ForAll long seed) {
    byte[] bytes = new byte[blocks * type.blockBytes()];
    new Random(seed).nextBytes(bytes);
    Decoder scalar = Decoders.scalar(type);
    Decoder best = Decoders.best(type);
    assertThat(Native.bits(Native.decode(best, bytes)))
        .isEqualTo(Native.bits(Native.decode(scalar, bytes)));
    if (best.hasDerivedBound()) {
      assertThat(Native.bits(Native.bounds(best, bytes)))
          .isEqualTo(Native.bits(Native.bounds(scalar, bytes)));
    }
  }
}
