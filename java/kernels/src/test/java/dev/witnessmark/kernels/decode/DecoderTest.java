package dev.witnessmark.kernels.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every implementation of every type; run once for each vector width. */
@Tag("width")
class DecoderTest {

  static Stream<Golden> golden() {
    return Golden.all();
  }

  static Stream<TensorType> plainTypes() {
    return Arrays.stream(TensorType.values()).filter(type -> type.blockElements() == 1);
  }

  @Test
  void vectorsAreTestedWhereTheyAreAskedFor() {
    Integer asked = Integer.getInteger(VectorWidth.PROPERTY);
    if (asked != null) {
      assertThat(Decoders.all(TensorType.F32))
          .extracting(Decoder::implementation)
          .containsExactly("scalar", "vector-" + asked);
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void decodesGoldenBlocksToTheBit(Golden golden) {
    for (Decoder decoder : Decoders.all(golden.type())) {
      assertThat(Native.bits(Native.decode(decoder, golden.blocks())))
          .as(decoder.implementation())
          .isEqualTo(Native.bits(golden.values()));
    }
  }

  @Test
  void goldenFilesCoverAllTypesOfGgmlButPlainNumbers() {
    assertThat(Golden.all().map(Golden::type).distinct())
        .hasSize(29)
        .containsAll(Arrays.stream(TensorType.values()).filter(TensorType::quantised).toList());
  }

  @ParameterizedTest
  @EnumSource
  void allImplementationsAgreeOnRandomBytes(TensorType type) {
    int blocks = Math.max(1, 4096 / type.blockElements()) + 1;
    byte[] bytes = new byte[blocks * type.blockBytes()];
    new Random(type.name().hashCode()).nextBytes(bytes);
    int[] expected = Native.bits(Native.decode(Decoders.scalar(type), bytes));
    assertThat(Native.bits(Native.decode(Decoders.best(type), bytes))).isEqualTo(expected);
  }

  @Test
  void decodesEveryF16() {
    byte[] stored = allShorts();
    int[] expected = Native.bits(Golden.floats("half/f16_all.u32"));
    for (Decoder decoder : Decoders.all(TensorType.F16)) {
      assertThat(Native.bits(Native.decode(decoder, stored))).isEqualTo(expected);
    }
  }

  @Test
  void decodesEveryBf16() {
    byte[] stored = allShorts();
    int[] expected = new int[1 << 16];
    for (int code = 0; code < expected.length; code++) {
      expected[code] = Float.floatToIntBits(Float.intBitsToFloat(code << 16));
    }
    for (Decoder decoder : Decoders.all(TensorType.BF16)) {
      assertThat(Native.bits(Native.decode(decoder, stored))).isEqualTo(expected);
    }
  }

  @Test
  void decodesEveryE5m2AsTheUpperHalfOfAnF16() {
    float[] halves = Golden.floats("half/f16_all.u32");
    float[] expected = new float[256];
    for (int code = 0; code < 256; code++) {
      expected[code] = halves[code << 8];
    }
    for (Decoder decoder : Decoders.all(TensorType.F8_E5M2)) {
      assertThat(Native.bits(Native.decode(decoder, allBytes()))).isEqualTo(Native.bits(expected));
    }
  }

  @Test
  void decodesEveryE4m3() {
    for (Decoder decoder : Decoders.all(TensorType.F8_E4M3)) {
      float[] values = Native.decode(decoder, allBytes());
      assertThat(values[0x00]).isEqualTo(0f);
      assertThat(values[0x01]).isEqualTo(0x1p-9f);
      assertThat(values[0x07]).isEqualTo(7 * 0x1p-9f);
      assertThat(values[0x08]).isEqualTo(0x1p-6f);
      assertThat(values[0x38]).isEqualTo(1f);
      assertThat(values[0x78]).isEqualTo(256f);
      assertThat(values[0x7e]).isEqualTo(448f);
      assertThat(values[0x7f]).isNaN();
      for (int code = 0; code < 0x7e; code++) {
        // Magnitudes ascend in equal steps within a binade.
        float step = Math.scalb(1f, Math.max(code >> 3, 1) - 10);
        assertThat(values[code + 1]).isEqualTo(values[code] + step);
      }
      for (int code = 0; code < 0x80; code++) {
        assertThat(Float.floatToIntBits(values[code | 0x80]))
            .isEqualTo(Float.floatToIntBits(code == 0x7f ? Float.NaN : -values[code]));
      }
    }
  }

  @Test
  void roundsLongsToNearestEven() {
    long[] longs = {
      0,
      1,
      -1,
      (1 << 24) - 1,
      (1 << 24) + 1, // a tie, down to even
      (1 << 24) + 3, // a tie, up to even
      -(1 << 24) - 1,
      (1L << 53) + (1L << 29), // a tie of floats
      (1L << 53) + (1L << 29) + 1, // above it by less than a double sees
      (1L << 54) + (1L << 30) - 1, // below it likewise
      (1L << 62) + (1L << 38),
      (1L << 62) + (1L << 38) + 1,
      -(1L << 62) - (1L << 38) - 1,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      Long.MIN_VALUE + 1,
      Long.MIN_VALUE | 1L << 39, // as unsigned: a tie
      Long.MIN_VALUE | 1L << 39 | 1, // as unsigned: above it
    };
    float[] signed = new float[longs.length];
    float[] unsigned = new float[longs.length];
    for (int i = 0; i < longs.length; i++) {
      signed[i] = new java.math.BigDecimal(longs[i]).floatValue();
      unsigned[i] = new java.math.BigDecimal(Long.toUnsignedString(longs[i])).floatValue();
    }
    ByteBuffer stored = ByteBuffer.allocate(8 * longs.length).order(ByteOrder.LITTLE_ENDIAN);
    stored.asLongBuffer().put(longs);
    for (Decoder decoder : Decoders.all(TensorType.I64)) {
      assertThat(Native.decode(decoder, stored.array())).isEqualTo(signed);
    }
    for (Decoder decoder : Decoders.all(TensorType.U64)) {
      assertThat(Native.decode(decoder, stored.array())).isEqualTo(unsigned);
    }
  }

  @Test
  void roundsIntsToNearestEven() {
    int[] ints = {0, -1, 16_777_217, 16_777_219, -16_777_217, Integer.MAX_VALUE, 1 << 31, ~127};
    float[] signed = {0, -1, 16_777_216, 16_777_220, -16_777_216, 0x1p31f, -0x1p31f, -128};
    float[] unsigned = {0, 0x1p32f, 16_777_216, 16_777_220, 0xffp24f, 0x1p31f, 0x1p31f, 0x1p32f};
    ByteBuffer stored = ByteBuffer.allocate(4 * ints.length).order(ByteOrder.LITTLE_ENDIAN);
    stored.asIntBuffer().put(ints);
    for (Decoder decoder : Decoders.all(TensorType.I32)) {
      assertThat(Native.decode(decoder, stored.array())).isEqualTo(signed);
    }
    for (Decoder decoder : Decoders.all(TensorType.U32)) {
      assertThat(Native.decode(decoder, stored.array())).isEqualTo(unsigned);
    }
  }

  @Test
  void everyByteButZeroIsTrue() {
    float[] expected = new float[256];
    Arrays.fill(expected, 1, 256, 1f);
    for (Decoder decoder : Decoders.all(TensorType.BOOL)) {
      assertThat(Native.decode(decoder, allBytes())).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("plainTypes")
  void decodesAnyNumberOfElementsFromAnyByte(TensorType type) {
    Random random = new Random(7);
    for (int elements : new int[] {0, 1, 2, 3, 7, 8, 13, 15, 16, 17, 31, 33, 63, 207}) {
      byte[] bytes = new byte[Math.toIntExact(type.bytes(elements)) + 3];
      random.nextBytes(bytes);
      byte[] tail = Arrays.copyOfRange(bytes, 3, bytes.length);
      int[] expected = Native.bits(Native.decode(Decoders.scalar(type), tail, elements));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment stored = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        MemorySegment values = arena.allocate(5 + 4L * elements, 1);
        values.fill((byte) 0x5a);
        Decoders.best(type).decode(stored, 3, values, 5, elements);
        assertThat(Native.bits(values.asSlice(5).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)))
            .isEqualTo(expected);
        assertThat(values.asSlice(0, 5).toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) 0x5a);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesToLeaveItsSegments(TensorType type) {
    int elements = 2 * type.blockElements();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocate(type.bytes(elements));
      MemorySegment values = arena.allocate(4L * elements);
      for (Decoder decoder : Decoders.all(type)) {
        assertThatThrownBy(() -> decoder.decode(stored, 1, values, 0, elements))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> decoder.decode(stored, 0, values, 4, elements))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void refusesPartsOfBlocks() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(1024);
      for (Decoder decoder : Decoders.all(TensorType.Q8_0)) {
        assertThatThrownBy(() -> decoder.decode(memory, 0, memory, 512, 31))
            .isInstanceOf(ArithmeticException.class);
      }
    }
  }

  private static byte[] allBytes() {
    byte[] codes = new byte[256];
    for (int code = 0; code < 256; code++) {
      codes[code] = (byte) code;
    }
    return codes;
  }

  private static byte[] allShorts() {
    byte[] codes = new byte[2 << 16];
    for (int code = 0; code < 1 << 16; code++) {
      codes[2 * code] = (byte) code;
      codes[2 * code + 1] = (byte) (code >> 8);
    }
    return codes;
  }
}
