package dev.witnessmark.kernels.numerics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.testing.GoldenCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumericsTest {

  @Test
  void expIsGolden() {
    float[] in = GoldenCase.goldenFloats("numerics/exp.in.f32");
    int[] out = GoldenCase.goldenInts("numerics/exp.out.f32");
    for (int i = 0; i < in.length; i++) {
      assertThat(Float.floatToRawIntBits(Numerics.exp(in[i])))
          .as("exp(%s), number %d", in[i], i)
          .isEqualTo(out[i]);
    }
  }

  /** Every 211th float; with -Dwitnessmark.expStride=1 every one, which takes half a minute. */
  @Test
  void expIsWithinItsBound() {
    long stride = Long.getLong("witnessmark.expStride", 211);
    double worst = errorOfExp(-5.8778844f);
    assertThat(worst).isBetween(1.0103, Numerics.EXP_ULPS);
    for (long bits = 0; bits <= 0xffff_ffffL; bits += stride) {
      float x = Float.intBitsToFloat((int) bits);
      if (x >= Numerics.EXP_UNDERFLOW && x <= Numerics.EXP_OVERFLOW) {
        worst = Math.max(worst, errorOfExp(x));
      }
    }
    assertThat(worst).isLessThan(Numerics.EXP_ULPS);
  }

  /** In units of the last place of the exact value. */
  private static double errorOfExp(float x) {
    double exact = StrictMath.exp(x);
    return exact > Float.MAX_VALUE ? 0 : Math.abs(Numerics.exp(x) - exact) / ulp(exact);
  }

  /** Distance of the float32 numbers around {@code x}. */
  private static double ulp(double x) {
    return Math.max(Math.scalb(1.0, Math.getExponent(x) - 23), Float.MIN_VALUE);
  }

  @Test
  void sumsInLanesAreGolden() {
    int[] lengths = {0, 1, 7, 31, 32, 33, 255, 256, 257, 511, 1000, 1024, 4096, 4099};
    float[] x = GoldenCase.goldenFloats("ggml/input/pattern.f32");
    int[] expected = GoldenCase.goldenInts("numerics/reductions.f32");
    for (int n = 0; n < lengths.length; n++) {
      FloatLanes dot = FloatLanes.of256();
      FloatLanes sum = FloatLanes.of256();
      for (int i = 0; i < lengths[n]; i++) {
        dot.addProduct(i, x[i], x[i + 1536]);
        sum.add(i, x[i]);
      }
      assertThat(Float.floatToRawIntBits(dot.total())).isEqualTo(expected[2 * n]);
      assertThat(Float.floatToRawIntBits(sum.total())).isEqualTo(expected[2 * n + 1]);
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 10000", "64, 1000000", "128, 10000", "128, 1000000"})
  void rotaryTablesAreGoldenToOneUlp(int size, int theta) {
    int[] positions = GoldenCase.goldenInts("ggml/ops/rope.positions.i32");
    float[] expected =
        GoldenCase.goldenFloats("numerics/rope.d%d.theta%d.table.f32".formatted(size, theta));
    float[] table = RotaryTable.of(positions, size, theta);
    assertThat(table).hasSameSizeAs(expected);
    for (int i = 0; i < table.length; i++) {
      assertThat(Math.abs(table[i] - expected[i])).isLessThanOrEqualTo(Math.ulp(expected[i]));
    }
  }

  @Test
  void theMaximumOfANaNIsTheCanonicalOne() {
    float other = Float.intBitsToFloat(0xffc0_1234);
    assertThat(Float.floatToRawIntBits(Numerics.max(1, other))).isEqualTo(0x7fc0_0000);
    assertThat(Float.floatToRawIntBits(Numerics.max(other, 1))).isEqualTo(0x7fc0_0000);
    assertThat(Numerics.max(-0f, 0f)).isEqualTo(0f);
  }
}
