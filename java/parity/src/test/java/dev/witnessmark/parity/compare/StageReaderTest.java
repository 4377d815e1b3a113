package dev.witnessmark.parity.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class StageReaderTest {

  private static double[] floats(int... bits) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : bits) {
      bytes.putInt(value);
    }
    return StageReader.read(
        TensorView.stored(
            "t",
            TensorType.F32,
            Shape.of(bits.length),
            new BytesSource("t", bytes.array()),
            0,
            4L * bits.length));
  }

  @Test
  void numbersAreWidened() throws IOException {
    assertThat(floats(0x3f000000, 0xbfa00000, 0x80000000)).containsExactly(0.5, -1.25, -0.0);
  }

  /** A signalling NaN and the quiet one of the same payload are not the same bits. */
  @Test
  void everyNaNStaysWhatItIs() throws IOException {
    double[] values = floats(0x7f800001, 0x7fc00001, 0xffc00001, 0x7f800001);
    long[] bits = new long[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Double.doubleToRawLongBits(values[i]);
    }
    assertThat(bits[0]).isEqualTo(bits[3]).isEqualTo(0x7ff0000020000000L);
    assertThat(bits[1]).isEqualTo(0x7ff8000020000000L);
    assertThat(bits[2]).isEqualTo(0xfff8000020000000L);
  }

  @Test
  void aQuantisedStageIsRefused() {
    TensorView tensor =
        TensorView.stored(
            "t", TensorType.Q8_0, Shape.of(32), new BytesSource("t", new byte[34]), 0, 34);
    assertThatThrownBy(() -> StageReader.read(tensor)).isInstanceOf(Refusal.Unsupported.class);
  }
}
