package dev.witnessmark.kernels.difference;

import static dev.witnessmark.kernels.Native.doubles;
import static dev.witnessmark.kernels.Native.floats;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class WideDifferenceTest {

  @Test
  void sumsOfThreePairs() {
    DifferenceSums sums = reduce(new double[] {1, 2, 3}, new double[] {1, 4, 2.5});
    assertThat(sums.delta()).isEqualTo(-1.5);
    assertThat(sums.deltaSquared()).isEqualTo(4.25);
    assertThat(sums.aSquared()).isEqualTo(14);
    assertThat(sums.bSquared()).isEqualTo(23.25);
    assertThat(sums.product()).isEqualTo(16.5);
    assertThat(sums.segmentLargest()).isEqualTo(2f);
    assertThat(sums.equal()).isEqualTo(1);
    assertThat(sums.outOfRange()).isZero();
  }

  @Test
  void integersOfSixtyFourBitsDifferByOne() {
    DifferenceSums sums = reduce(new double[] {0x1p53, 0x1p63}, new double[] {0x1p53 - 1, 0x1p63});
    assertThat(sums.delta()).isEqualTo(1);
    assertThat(sums.equal()).isEqualTo(1);
    assertThat(sums.histogram().count(127)).isEqualTo(1);
  }

  @Test
  void aDifferenceTooSmallForFloat32IsNotEqual() {
    DifferenceSums sums = reduce(new double[] {1e-60}, new double[] {0});
    assertThat(sums.equal()).isZero();
    assertThat(sums.histogram().count(1)).isEqualTo(1);
    assertThat(sums.segmentLargest()).isEqualTo(Float.MIN_VALUE);
    assertThat(sums.deltaSquared()).isEqualTo(1e-60 * 1e-60);
    assertThat(sums.outOfRange()).isZero();
  }

  @Test
  void squaresOutOfRangeAreCounted() {
    DifferenceSums sums =
        reduce(new double[] {1e200, 1e-200, 1, 1e308}, new double[] {1e200, 0, 2, -1e308});
    assertThat(sums.outOfRange()).isEqualTo(3);
    assertThat(sums.finitePairs()).isEqualTo(4);
    assertThat(sums.histogram().count(255)).isEqualTo(1);
  }

  @Test
  void nonFinitePairsAndSignedZeros() {
    double nan = Double.longBitsToDouble(0x7ff8000000000000L);
    double otherNan = Double.longBitsToDouble(0x7ff8000000000001L);
    double infinity = Double.POSITIVE_INFINITY;
    DifferenceSums sums =
        reduce(
            new double[] {nan, nan, nan, 1, infinity, infinity, 1, 0.0, 4},
            new double[] {nan, otherNan, 1, nan, infinity, -infinity, infinity, -0.0, 1});
    assertThat(sums.nonFinite().nanSame()).isEqualTo(1);
    assertThat(sums.nonFinite().nanDifferent()).isEqualTo(1);
    assertThat(sums.nonFinite().nanOnlyA()).isEqualTo(1);
    assertThat(sums.nonFinite().nanOnlyB()).isEqualTo(1);
    assertThat(sums.nonFinite().infinitySame()).isEqualTo(1);
    assertThat(sums.nonFinite().infinityOpposite()).isEqualTo(1);
    assertThat(sums.nonFinite().infinityOnlyB()).isEqualTo(1);
    assertThat(sums.nonFinite().infinityOnlyA()).isZero();
    assertThat(sums.signedZeros()).isEqualTo(1);
    assertThat(sums.equal()).isEqualTo(3);
    assertThat(sums.delta()).isEqualTo(3);
    assertThat(sums.finitePairs()).isEqualTo(2);
  }

  @Test
  void floatsWidenedGiveTheSameSums() {
    float[] a = Kernels.fill(100, i -> Math.sin(i) * 3);
    float[] b = Kernels.fill(100, i -> Math.sin(i + 0.01) * 3);
    double[] wideA = new double[100];
    double[] wideB = new double[100];
    for (int i = 0; i < 100; i++) {
      wideA[i] = a[i];
      wideB[i] = b[i];
    }
    DifferenceSums narrow = Kernels.reduce(DifferenceKernel.best(), floats(a), floats(b));
    DifferenceSums wide = reduce(wideA, wideB);
    assertThat(wide.delta()).isEqualTo(narrow.delta());
    assertThat(wide.deltaSquared()).isEqualTo(narrow.deltaSquared());
    assertThat(wide.product()).isEqualTo(narrow.product());
  }

  @Test
  void largestDifferences() {
    TopDifferences top = new TopDifferences(1);
    WideDifference.offer(doubles(1, 2, 3), 8, doubles(1, 2, 1), 8, 2, 50, top);
    assertThat(top.entries()).containsExactly(new TopDifferences.Entry(51, 3, 1));
  }

  @Test
  void judgesInDouble() {
    double[] a = {0, 1, 1 + 0x1p-50, Double.NaN, 9};
    double[] b = {0, 0, 0, 0, 9};
    MemorySegment bounds = doubles(0.5, 0.5, 0.5, 0.5, 0.5);
    FloorSums sums = new FloorSums();
    WideDifference.judge(doubles(a), 0, doubles(b), 0, bounds, 0, bounds, 0, 5, 10, sums);
    assertThat(sums.differing()).isEqualTo(3);
    assertThat(sums.within()).isEqualTo(1);
    assertThat(sums.beyond()).isEqualTo(2);
    assertThat(sums.deltaSquaredWithin()).isEqualTo(1);
    assertThat(sums.largestRatioIndex()).isEqualTo(13);
    FloorSums finite = new FloorSums();
    WideDifference.judge(doubles(a), 0, doubles(b), 0, bounds, 0, bounds, 0, 3, 10, finite);
    assertThat(finite.largestRatio()).isEqualTo(1 + 0x1p-50);
    assertThat(finite.largestRatioIndex()).isEqualTo(12);
  }

  private static DifferenceSums reduce(double[] a, double[] b) {
    DifferenceSums sums = new DifferenceSums();
    WideDifference.reduce(doubles(a), 0, doubles(b), 0, a.length, sums);
    return sums;
  }
}
