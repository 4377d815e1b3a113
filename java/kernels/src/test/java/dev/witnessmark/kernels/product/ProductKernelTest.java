package dev.witnessmark.kernels.product;

import static dev.witnessmark.kernels.product.ProductKernel.STRIP;
import static dev.witnessmark.kernels.product.ProductKernel.TILE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every implementation answers: the fused chain over the depth, in every bit. */
@Tag("width")
@ParameterizedClass(name = "{0}")
@MethodSource("kernels")
class ProductKernelTest {

  private final ProductKernel kernel;

  ProductKernelTest(ProductKernel kernel) {
    this.kernel = kernel;
  }

  static List<ProductKernel> kernels() {
    return ProductKernel.all();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 128, 129, 300})
  void everyElementIsOneFusedChain(int depth) {
    SplittableRandom random = new SplittableRandom(depth);
    double[] a = numbers(random, (depth + 1) * STRIP);
    double[] b = numbers(random, (depth + 2) * STRIP);
    double[] tile = numbers(random, TILE);
    double[] expected = tile.clone();
    for (int i = 0; i < STRIP; i++) {
      for (int j = 0; j < STRIP; j++) {
        for (int k = 0; k < depth; k++) {
          expected[i * STRIP + j] =
              Math.fma(
                  a[STRIP + k * STRIP + i], b[2 * STRIP + k * STRIP + j], expected[i * STRIP + j]);
        }
      }
    }
    kernel.multiply(a, STRIP, b, 2 * STRIP, depth, tile);
    assertThat(tile).isEqualTo(expected);
  }

  @Test
  void twoHalvesAreTheWhole() {
    SplittableRandom random = new SplittableRandom(7);
    double[] a = numbers(random, 200 * STRIP);
    double[] whole = new double[TILE];
    kernel.multiply(a, 0, a, 0, 200, whole);
    double[] halves = new double[TILE];
    kernel.multiply(a, 0, a, 0, 77, halves);
    kernel.multiply(a, 77 * STRIP, a, 77 * STRIP, 123, halves);
    assertThat(halves).isEqualTo(whole);
    for (int i = 0; i < STRIP; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(whole[i * STRIP + j]).isEqualTo(whole[j * STRIP + i]);
      }
    }
  }

  @Test
  void aShortStripIsAnError() {
    double[] strip = new double[2 * STRIP];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.multiply(strip, 0, strip, 1, 2, new double[TILE]));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.multiply(strip, 0, strip, 0, 2, new double[TILE - 1]));
  }

  private static double[] numbers(SplittableRandom random, int count) {
    return random.doubles(count, -1, 1).toArray();
  }
}
