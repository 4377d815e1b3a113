package dev.witnessmark.kernels.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How far an original may be from its stored value; run once for each vector width. */
@Tag("width")
class BoundsTest {

  static Stream<TensorType> derived() {
    return Arrays.stream(TensorType.values())
        .filter(type -> Decoders.scalar(type).hasDerivedBound());
  }

  static Stream<TensorType> underived() {
    return Arrays.stream(TensorType.values())
        .filter(type -> !Decoders.scalar(type).hasDerivedBound());
  }

  static Stream<TensorType> quantisedAndDerived() {
    return derived().filter(TensorType::quantised);
  }

  @ParameterizedTest
  @MethodSource("derived")
  void allImplementationsAgreeOnRandomBytes(TensorType type) {
    byte[] bytes = randomBytes(type);
    int[] expected = Native.bits(Native.bounds(Decoders.scalar(type), bytes));
    for (Decoder decoder : Decoders.all(type)) {
      assertThat(Native.bits(Native.bounds(decoder, bytes)))
          .as(decoder.implementation())
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("derived")
  void comeWithTheValuesIfAskedFor(TensorType type) {
    byte[] bytes = randomBytes(type);
    int elements = bytes.length / type.blockBytes() * type.blockElements();
    for (Decoder decoder : Decoders.all(type)) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment stored = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        MemorySegment values = arena.allocate(4L * elements, 1);
        MemorySegment bounds = arena.allocate(4L * elements, 1);
        decoder.decodeWithBounds(stored, 0, values, 0, bounds, 0, elements);
        assertThat(Native.bits(values.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)))
            .isEqualTo(Native.bits(Native.decode(decoder, bytes)));
        assertThat(Native.bits(bounds.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)))
            .isEqualTo(Native.bits(Native.bounds(decoder, bytes)));
      }
    }
  }

  /** All 72 rows, subnormal and overflowing ones included. */
  @ParameterizedTest
  @MethodSource("quantisedAndDerived")
  void holdsForWhatTheReferenceQuantiserDid(TensorType type) {
    float[] shares = sharesOfBounds(type);
    for (int i = 0; i < shares.length; i++) {
      assertThat(shares[i]).as("row %d, element %d", i / 256, i % 256).isLessThanOrEqualTo(1);
    }
  }

  /** A bound that no original comes near is a bound that hides changes. */
  @ParameterizedTest
  @MethodSource("quantisedAndDerived")
  void isReachedWithinReason(TensorType type) {
    float[] ordinaryRows = Arrays.copyOf(sharesOfBounds(type), 24 * 256);
    Arrays.sort(ordinaryRows);
    assertThat(ordinaryRows[ordinaryRows.length - 1]).isGreaterThan(0.7f);
    // Of errors that are uniform within a step half are above a quarter of it; Q2_K has many ends.
    assertThat(ordinaryRows[ordinaryRows.length / 2]).isGreaterThan(0.15f);
  }

  @Test
  void holdsForConversionsToHalfPrecision() {
    float[] original = Golden.floats("half/convert_in.f32");
    for (TensorType type : List.of(TensorType.F16, TensorType.BF16)) {
      String file = type == TensorType.F16 ? "half/convert_f16.u16" : "half/convert_bf16.u16";
      byte[] stored = Golden.bytes(file).orElseThrow();
      for (Decoder decoder : Decoders.all(type)) {
        float[] values = Native.decode(decoder, stored);
        float[] bounds = Native.bounds(decoder, stored);
        int tight = 0;
        for (int i = 0; i < original.length; i++) {
          if (Float.isFinite(values[i])) {
            double distance = Math.abs((double) original[i] - values[i]);
            assertThat(distance).isLessThanOrEqualTo(bounds[i]);
            tight += distance == bounds[i] ? 1 : 0;
          } else {
            assertThat(bounds[i]).isInfinite();
          }
        }
        assertThat(tight).isPositive();
      }
    }
  }

  @Test
  void ofFloatsIsHalfAUnitInTheLastPlace() {
    assertPlain(TensorType.F32, new byte[] {0, 0, (byte) 0x80, 0x3f}, 0x1p-24f);
    assertPlain(TensorType.F32, new byte[] {0, 0, 0, 0}, Float.MIN_NORMAL);
    assertPlain(TensorType.BF16, new byte[] {0x7f, (byte) 0xc0}, 0x1p-7f);
    assertPlain(TensorType.F16, new byte[] {0, 0x3c}, 0x1p-11f);
    assertPlain(TensorType.F16, new byte[] {1, 0}, 0x1p-25f);
    assertPlain(TensorType.F8_E4M3, new byte[] {0x38}, 0x1p-4f);
    assertPlain(TensorType.F8_E4M3, new byte[] {1}, 0x1p-10f);
    assertPlain(TensorType.F8_E5M2, new byte[] {0x3c}, 0x1p-3f);
    assertPlain(TensorType.F64, new byte[] {0, 0, 0, 0, 0, 0, (byte) 0xf0, 0x3f}, 0x1p-23f);
  }

  @Test
  void ofIntegersIsZeroUntilFloat32RoundsThem() {
    assertPlain(TensorType.I8, new byte[] {77}, 0);
    assertPlain(TensorType.I32, new byte[] {1, 0, (byte) 0xff, 0}, 0);
    assertPlain(TensorType.I32, new byte[] {1, 0, 0, 1}, 1);
    assertPlain(TensorType.U64, new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) 0x80}, 0x1p39f);
  }

  @Test
  void ofQ8AddsTheRoundingOfItsScale() {
    byte[] block = new byte[34];
    block[1] = 0x3c; // d = 1
    block[2] = 76;
    block[3] = -127;
    float k = 1 + 0x1p-12f;
    float h = 0x1p-11f + 0x1p-25f;
    for (Decoder decoder : Decoders.all(TensorType.Q8_0)) {
      assertThat(Native.bounds(decoder, block))
          .startsWith(
              0.5f * (1 + h) * k + 76 * (h * k),
              0.5f * (1 + h) * k + 127 * (h * k),
              0.5f * (1 + h) * k);
    }
  }

  @Test
  void ofQ4KKnowsTheEndsOfItsRange() {
    byte[] block = new byte[144];
    block[1] = 0x3c; // d = 1
    block[4] = 10; // scale of elements 0 to 31
    block[16] = 7; // element 0 inside the range, element 32 at its end, its scale 0
    block[17] = 15; // element 1 at the other end
    float k = 1 + 0x1p-12f;
    float h = 0x1p-11f + 0x1p-25f;
    float hOfZero = 0x1p-25f;
    float margin = 15 * (0.5f * (1 + h)) + 0.5f * hOfZero;
    for (Decoder decoder : Decoders.all(TensorType.Q4_K)) {
      float[] bounds = Native.bounds(decoder, block);
      assertThat(bounds[0]).isEqualTo(5 * k);
      assertThat(bounds[1]).isEqualTo((15 + (15 * (10 * h) + margin)) * k);
      assertThat(bounds[2]).isEqualTo(bounds[1]);
      assertThat(bounds[32]).isEqualTo(margin * k);
    }
  }

  @ParameterizedTest
  @MethodSource("underived")
  void refusesWhereNoBoundIsDerived(TensorType type) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4096);
      for (Decoder decoder : Decoders.all(type)) {
        assertThat(decoder.hasDerivedBound()).isFalse();
        assertThatThrownBy(
                () -> decoder.bounds(memory, 0, memory, 0, memory, 0, type.blockElements()))
            .isInstanceOf(IllegalStateException.class);
      }
    }
  }

  private static byte[] randomBytes(TensorType type) {
    int blocks = Math.max(1, 4096 / type.blockElements()) + 1;
    byte[] bytes = new byte[blocks * type.blockBytes()];
    new Random(type.name().hashCode()).nextBytes(bytes);
    return bytes;
  }

  private static void assertPlain(TensorType type, byte[] element, float expected) {
    byte[] elements = new byte[20 * element.length];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = element[i % element.length];
    }
    for (Decoder decoder : Decoders.all(type)) {
      assertThat(Native.bounds(decoder, elements)).as("%s", type).containsOnly(expected);
    }
  }

  /** |original - decoded| / bound for every element of the golden pattern. */
  private static float[] sharesOfBounds(TensorType type) {
    float[] original = Golden.floats("input/pattern.f32");
    Golden golden = Golden.find(type, "pattern").orElseThrow();
    float[] bounds = Native.bounds(Decoders.best(type), golden.blocks());
    float[] shares = new float[original.length];
    for (int i = 0; i < shares.length; i++) {
      float distance = Math.abs(original[i] - golden.values()[i]);
      shares[i] = distance == 0 ? 0 : distance / bounds[i];
    }
    return shares;
  }
}
