package dev.witnessmark.kernels.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.host.HostDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperationTest {

  @Test
  void sizesFollowFromShapes() {
    MatVecQ8 o = new MatVecQ8(TensorType.Q4_K, 14336, 4096, 3);
    assertThat(o.operands())
        .extracting(Operand::bytes)
        .containsExactly(14336L * 16 * 144, 3L * 16 * 292, 3L * 14336 * 4);
    assertThat(o.bytesMoved()).isEqualTo(14336L * 16 * 144 + 3 * 16 * 292 + 3 * 14336 * 4);
    assertThat(o.arithmeticOperations()).isEqualTo(2L * 14336 * 4096 * 3);
    assertThat(o.shape()).isEqualTo("Q4_K 14336×4096 b=3");
    assertThat(new Compare(3, 4097).operands())
        .extracting(Operand::bytes)
        .containsExactly(49_164L, 49_164L, 3 * 176L, 2048L);
    assertThat(new Gather(TensorType.Q4_K, 1000, 256, 2).bytesMoved())
        .isEqualTo(2 * 144 + 2 * 4 + 2 * 256 * 4);
    assertThat(new Attention(3, 2, 1, 1, 5, Element.FLOAT32).arithmeticOperations())
        .as("3 + 4 + 5 pairs for each of two heads")
        .isEqualTo(12L * 2 * 24);
  }

  @Test
  void shapesThatCannotBeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MatVecQ8(TensorType.Q4_K, 2, 255, 1))
        .withMessage("columns is 255, must be a multiple of 256");
    assertThatIllegalArgumentException().isThrownBy(() -> new MatVecQ8(TensorType.F32, 2, 256, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Attention(1, 5, 2, 64, 1, Element.FLOAT32));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Attention(2, 4, 2, 64, 1, Element.FLOAT32));
    assertThatIllegalArgumentException().isThrownBy(() -> new RmsNorm(1, 1, Float.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> new TopK(1, 5, 6));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rotary(Rotary.Layout.NEOX, 1, 1, 4, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> new Base17(TensorType.F32, 1, 1, 0));
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> new Dequantise(TensorType.F32, 1L << 56));
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() ->
            new MatVecF32(TensorType.F32, Integer.MAX_VALUE, Integer.MAX_VALUE, 1).operands());
  }

  @Test
  void aDeviceTakesOnlyWhatTheOperationAsksFor() {
    MemorySegment four = Arena.ofAuto().allocate(4);
    MemorySegment eight = Arena.ofAuto().allocate(8);
    HostDevice device = HostDevice.scalar();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.run(new Add(1), List.of(four, eight, four)))
        .withMessage("add 1: operand b has 8 bytes, needs 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.run(new Add(1), List.of(four, four)))
        .withMessage("add takes 3 operands, got 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> device.run(new Add(1), List.of(four, four, MemorySegment.ofArray(new byte[4]))));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> device.run(new Add(1), Arithmetic.FAST, List.of(four, four, four)))
        .withMessage("cpu scalar has no FAST kernel for add 1");
  }
}
