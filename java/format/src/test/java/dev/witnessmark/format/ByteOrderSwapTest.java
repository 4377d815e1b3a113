package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ByteOrderSwapTest {

  /** Every type with the bytes of a block that swapping moves: offset x width, in order. */
  @ParameterizedTest
  @CsvSource({
    "F32, 0x4",
    "F16, 0x2",
    "BF16, 0x2",
    "F64, 0x8",
    "I8, ''",
    "I16, 0x2",
    "I32, 0x4",
    "I64, 0x8",
    "U8, ''",
    "U16, 0x2",
    "U32, 0x4",
    "U64, 0x8",
    "BOOL, ''",
    "F8_E4M3, ''",
    "F8_E5M2, ''",
    "Q4_0, 0x2",
    "Q4_1, 0x2 2x2",
    "Q5_0, 0x2 2x4",
    "Q5_1, 0x2 2x2 4x4",
    "Q8_0, 0x2",
    "Q8_1, 0x2 2x2",
    "Q2_K, 80x2 82x2",
    "Q3_K, 108x2",
    "Q4_K, 0x2 2x2",
    "Q5_K, 0x2 2x2",
    "Q6_K, 208x2",
    "Q8_K, 0x4 260x2 262x2 264x2 266x2 268x2 270x2 272x2 274x2 276x2 278x2 280x2 282x2 284x2 286x2 288x2 290x2",
    "IQ3_XXS, 0x2 66x4 70x4 74x4 78x4 82x4 86x4 90x4 94x4",
    "IQ1_S, 0x2 34x2 36x2 38x2 40x2 42x2 44x2 46x2 48x2",
    "IQ4_NL, 0x2",
    "IQ3_S, 0x2",
    "IQ2_S, 0x2",
    "IQ4_XS, 0x2 2x2",
    "IQ1_M, 48x2 50x2 52x2 54x2",
    "TQ1_0, 52x2",
    "TQ2_0, 64x2",
    "MXFP4, ''",
    "NVFP4, ''",
    "Q1_0, 0x2",
    "Q2_0, 0x2"
  })
  void swapsTheNumbersOfEveryBlock(TensorType type, String fields) {
    int block = type.blockBytes();
    byte[] bytes = new byte[3 * block];
    byte[] expected = new byte[3 * block];
    new Random(1).nextBytes(bytes);
    System.arraycopy(bytes, 0, expected, 0, bytes.length);
    for (String field : fields.isEmpty() ? new String[0] : fields.split(" ", -1)) {
      int x = field.indexOf('x');
      int offset = Integer.parseInt(field.substring(0, x));
      int width = Integer.parseInt(field.substring(x + 1));
      for (int start = offset; start < bytes.length; start += block) {
        for (int i = 0; i < width; i++) {
          expected[start + i] = bytes[start + width - 1 - i];
        }
      }
    }

    ByteOrderSwap.swap(type, MemorySegment.ofArray(bytes));

    assertThat(bytes).containsExactly(expected);
  }

  @Test
  void swapsTheThirtyTwoIndicesAndTheScaleOfIq2Xs() {
    byte[] bytes = new byte[74];
    IntStream.range(0, 74).forEach(i -> bytes[i] = (byte) i);

    ByteOrderSwap.swap(TensorType.IQ2_XS, MemorySegment.ofArray(bytes));

    for (int i = 0; i < 74; i++) {
      assertThat(bytes[i]).isEqualTo((byte) (i < 66 ? i ^ 1 : i));
    }
  }

  @ParameterizedTest
  @EnumSource(value = TensorType.class, mode = Mode.EXCLUDE, names = "IQ2_XXS")
  void twiceIsNothing(TensorType type) {
    byte[] bytes = new byte[2 * type.blockBytes()];
    new Random(2).nextBytes(bytes);
    byte[] before = bytes.clone();

    ByteOrderSwap.swap(type, MemorySegment.ofArray(bytes));
    ByteOrderSwap.swap(type, MemorySegment.ofArray(bytes));

    assertThat(ByteOrderSwap.defined(type)).isTrue();
    assertThat(bytes).containsExactly(before);
  }

  @Test
  void iq2XxsHasNoBigEndianForm() {
    assertThat(ByteOrderSwap.defined(TensorType.IQ2_XXS)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ByteOrderSwap.swap(TensorType.IQ2_XXS, MemorySegment.ofArray(new byte[66])));
  }

  @Test
  void halfABlockIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteOrderSwap.swap(TensorType.Q4_0, MemorySegment.ofArray(new byte[27])));
  }
}
