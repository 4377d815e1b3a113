package dev.witnessmark.kernels.difference;

import static dev.witnessmark.kernels.Native.floats;
import static dev.witnessmark.kernels.difference.Kernels.fill;
import static dev.witnessmark.kernels.difference.Kernels.reduce;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every implementation answers, in numbers worked out by hand. */
@Tag("width")
@ParameterizedClass(name = "{0}")
@MethodSource("kernels")
class DifferenceKernelTest {

  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final float NAN = Float.intBitsToFloat(0x7fc00000);
  private static final float OTHER_NAN = Float.intBitsToFloat(0x7fc00001);

  private final DifferenceKernel kernel;

  DifferenceKernelTest(DifferenceKernel kernel) {
    this.kernel = kernel;
  }

  static List<DifferenceKernel> kernels() {
    return DifferenceKernel.all();
  }

  @Test
  void sumsOfThreePairs() {
    DifferenceSums sums = reduce(kernel, floats(1, 2, 3), floats(1, 4, 2.5f));
    assertThat(sums.delta()).isEqualTo(-1.5);
    assertThat(sums.deltaSquared()).isEqualTo(4.25);
    assertThat(sums.aSquared()).isEqualTo(14);
    assertThat(sums.bSquared()).isEqualTo(23.25);
    assertThat(sums.product()).isEqualTo(16.5);
    assertThat(sums.segmentLargest()).isEqualTo(2f);
    assertThat(sums.pairs()).isEqualTo(3);
    assertThat(sums.finitePairs()).isEqualTo(3);
    assertThat(sums.equal()).isEqualTo(1);
    assertThat(sums.histogram().count(0)).isEqualTo(1);
    assertThat(sums.histogram().count(126)).isEqualTo(1);
    assertThat(sums.histogram().count(128)).isEqualTo(1);
  }

  @Test
  void aWholeSegment() {
    // a = i, b = i - (i mod 4): Δ is 0, 1, 2, 3 over and over.
    DifferenceSums sums =
        reduce(kernel, floats(fill(4096, i -> i)), floats(fill(4096, i -> i - i % 4)));
    assertThat(sums.segmentDelta()).isEqualTo(6144);
    assertThat(sums.segmentDeltaSquared()).isEqualTo(14336);
    // (n-1)n(2n-1)/6
    assertThat(sums.segmentASquared()).isEqualTo(22898104320.0);
    // 4 · 16 · Σ k² for k < 1024
    assertThat(sums.segmentBSquared()).isEqualTo(22872948736.0);
    // Σ b(4b + 6) over b = 4k
    assertThat(sums.segmentProduct()).isEqualTo(22885519360.0);
    assertThat(sums.segmentLargest()).isEqualTo(3f);
    assertThat(sums.equal()).isEqualTo(1024);
    assertThat(sums.histogram().count(127)).isEqualTo(1024);
    assertThat(sums.histogram().count(128)).isEqualTo(1024);
    assertThat(sums.histogram().count(129)).isEqualTo(1024);
  }

  @Test
  void lanesAreAddedInTheOrderOfTheDefinition() {
    // Lane 0 loses each 1 beside 2^53; lanes 8 and 0 are added before lanes 4 and 0.
    float[] a = new float[48];
    a[0] = 0x1p53f;
    a[16] = 1;
    a[32] = 1;
    a[8] = 1;
    a[4] = 1;
    a[12] = 1;
    DifferenceSums sums = reduce(kernel, floats(a), floats(new float[48]));
    // ((2^53 + 1) + 1) stays 2^53, + lane 8 stays, + (lane 4 + lane 12 = 2) counts.
    assertThat(sums.segmentDelta()).isEqualTo(0x1p53 + 2);
  }

  @Test
  void productsAreFused() {
    // Lane 0 holds 2^-53 when Δ² = 1 + 2^-29 + 2^-60 comes: only its last bit breaks the tie.
    float[] a = new float[48];
    float[] b = new float[48];
    a[0] = 0x1p-27f;
    a[16] = 0x1p-27f;
    a[32] = 1;
    b[32] = -0x1p-30f;
    DifferenceSums sums = reduce(kernel, floats(a), floats(b));
    assertThat(sums.segmentDeltaSquared()).isEqualTo(1 + 0x1p-29 + 0x1p-52);
  }

  @Test
  void zeroVectorsAreEqual() {
    DifferenceSums sums = reduce(kernel, floats(new float[100]), floats(new float[100]));
    assertThat(sums.equal()).isEqualTo(100);
    assertThat(sums.aSquared()).isZero();
    assertThat(sums.bSquared()).isZero();
    assertThat(sums.deltaSquared()).isZero();
    assertThat(sums.segmentLargest()).isZero();
    assertThat(sums.signedZeros()).isZero();
  }

  @Test
  void zerosOfDifferentSignAreEqualAndCounted() {
    DifferenceSums sums =
        reduce(
            kernel,
            floats(fill(40, i -> i % 2 == 0 ? 0f : -0f)),
            floats(fill(40, i -> i % 4 < 2 ? 0f : -0f)));
    assertThat(sums.equal()).isEqualTo(40);
    assertThat(sums.signedZeros()).isEqualTo(20);
    assertThat(sums.segmentDelta()).isEqualTo(0.0);
  }

  @Test
  void oppositeNumbersAreNotSignedZeros() {
    DifferenceSums sums = reduce(kernel, floats(fill(32, i -> i)), floats(fill(32, i -> -i)));
    assertThat(sums.equal()).isEqualTo(1);
    assertThat(sums.signedZeros()).isZero();
    assertThat(sums.product()).isEqualTo(-10416);
  }

  @Test
  void nonFinitePairsAreCountedByKindAndLeftOut() {
    float[] a = fill(64, i -> 1);
    float[] b = fill(64, i -> 3);
    float[][] pairs = {
      {NAN, NAN},
      {NAN, OTHER_NAN},
      {NAN, -0f},
      {NAN, INFINITY},
      {5, NAN},
      {-INFINITY, NAN},
      {7, NAN},
      {INFINITY, INFINITY},
      {-INFINITY, -INFINITY},
      {INFINITY, -INFINITY},
      {INFINITY, 1},
      {-INFINITY, 1},
      {1, INFINITY},
    };
    for (int i = 0; i < pairs.length; i++) {
      a[5 * i] = pairs[i][0];
      b[5 * i] = pairs[i][1];
    }
    DifferenceSums sums = reduce(kernel, floats(a), floats(b));
    NonFinitePairs nonFinite = sums.nonFinite();
    assertThat(nonFinite.nanSame()).isEqualTo(1);
    assertThat(nonFinite.nanDifferent()).isEqualTo(1);
    assertThat(nonFinite.nanOnlyA()).isEqualTo(2);
    assertThat(nonFinite.nanOnlyB()).isEqualTo(3);
    assertThat(nonFinite.infinitySame()).isEqualTo(2);
    assertThat(nonFinite.infinityOpposite()).isEqualTo(1);
    assertThat(nonFinite.infinityOnlyA()).isEqualTo(2);
    assertThat(nonFinite.infinityOnlyB()).isEqualTo(1);
    assertThat(nonFinite.total()).isEqualTo(13);
    assertThat(sums.equal()).isEqualTo(3);
    assertThat(sums.finitePairs()).isEqualTo(51);
    assertThat(sums.delta()).isEqualTo(-102);
    assertThat(sums.deltaSquared()).isEqualTo(204);
    assertThat(sums.aSquared()).isEqualTo(51);
    assertThat(sums.bSquared()).isEqualTo(459);
    assertThat(sums.histogram().count(128)).isEqualTo(51);
  }

  @Test
  void subnormalDifferences() {
    DifferenceSums sums =
        reduce(kernel, floats(fill(32, i -> i * (double) Float.MIN_VALUE)), floats(new float[32]));
    assertThat(sums.delta()).isEqualTo(496 * 0x1p-149);
    assertThat(sums.deltaSquared()).isEqualTo(10416 * 0x1p-298);
    assertThat(sums.segmentLargest()).isEqualTo(31 * Float.MIN_VALUE);
    assertThat(sums.equal()).isEqualTo(1);
    assertThat(sums.histogram().count(1)).isEqualTo(31);
  }

  @Test
  void aDifferenceBeyondFloat32IsFiniteInTheSums() {
    DifferenceSums sums = reduce(kernel, floats(fill(20, i -> 3e38)), floats(fill(20, i -> -3e38)));
    double delta = 2 * (double) 3e38f;
    assertThat(sums.segmentLargest()).isEqualTo(INFINITY);
    assertThat(sums.delta()).isEqualTo(20 * delta);
    assertThat(sums.finitePairs()).isEqualTo(20);
    assertThat(sums.histogram().count(255)).isEqualTo(20);
    assertThat(sums.nonFinite().total()).isZero();
  }

  @Test
  void differencesOfEveryMagnitudeFindTheirBin() {
    float[] a = fill(254, i -> Math.scalb(1.0, i - 126));
    DifferenceSums sums = reduce(kernel, floats(a), floats(new float[254]));
    for (int bin = 1; bin <= 254; bin++) {
      assertThat(sums.histogram().count(bin)).as("bin %d", bin).isEqualTo(1);
    }
  }

  @Test
  void aWholeSegmentInOneBin() {
    DifferenceSums sums =
        reduce(kernel, floats(fill(4096, i -> 1.5)), floats(fill(4096, i -> -1.5)));
    assertThat(sums.histogram().count(129)).isEqualTo(4096);
    assertThat(sums.equal()).isZero();
  }

  @Test
  void nothingIsAResultToo() {
    DifferenceSums sums = reduce(kernel, floats(), floats());
    assertThat(sums.pairs()).isZero();
    assertThat(sums.delta()).isZero();
    assertThat(sums.segmentLargest()).isZero();
  }

  @Test
  void totalsAndSegmentsAreKeptApart() {
    DifferenceSums sums = new DifferenceSums();
    kernel.reduce(floats(3), 0, floats(1), 0, 1, sums);
    kernel.reduce(floats(fill(20, i -> 2)), 0, floats(fill(20, i -> 1)), 0, 20, sums);
    assertThat(sums.segmentDelta()).isEqualTo(20);
    assertThat(sums.segmentLargest()).isEqualTo(1f);
    assertThat(sums.delta()).isEqualTo(22);
    assertThat(sums.pairs()).isEqualTo(21);
  }

  @Test
  void offsetsCountInBytesAndNeedNoAlignment() {
    MemorySegment a = floats(fill(40, i -> i)).asSlice(0, 4 * 38);
    byte[] shifted = new byte[1 + 4 * 37];
    MemorySegment.copy(a, JAVA_BYTE, 4, shifted, 1, 4 * 37);
    MemorySegment b = Arena.ofAuto().allocate(shifted.length);
    b.copyFrom(MemorySegment.ofArray(shifted));
    DifferenceSums sums = new DifferenceSums();
    kernel.reduce(a, 4, b, 1, 37, sums);
    assertThat(sums.equal()).isEqualTo(37);
    assertThat(sums.aSquared()).isEqualTo(17575);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4097})
  void refusesASegmentOfAnotherLength(int elements) {
    MemorySegment values = floats(new float[5000]);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.reduce(values, 0, values, 0, elements, new DifferenceSums()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 33})
  void doesNotReadBeyondTheMemory(int elements) {
    MemorySegment longer = floats(new float[elements]);
    MemorySegment shorter = floats(new float[elements - 1]);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.reduce(longer, 0, shorter, 0, elements, new DifferenceSums()));
  }

  @Test
  void largestDifferencesOfASegment() {
    TopDifferences top = new TopDifferences(3);
    float[] b = new float[100];
    b[17] = -5;
    b[40] = 4;
    b[41] = 5;
    b[99] = 3;
    b[3] = NAN;
    b[70] = INFINITY;
    kernel.offer(floats(new float[100]), 0, floats(b), 0, 100, 1000, top);
    assertThat(top.entries())
        .containsExactly(
            new TopDifferences.Entry(1017, 0, -5),
            new TopDifferences.Entry(1041, 0, 5),
            new TopDifferences.Entry(1040, 0, 4));
  }

  @Test
  void differencesThatFloat32CannotTellApartAreRanked() {
    TopDifferences top = new TopDifferences(1);
    float[] a = fill(32, i -> 0x1p24f);
    float[] b = fill(32, i -> i == 20 ? -0.75 : -0.5);
    kernel.offer(floats(a), 0, floats(b), 0, 32, 0, top);
    assertThat(top.entries()).containsExactly(new TopDifferences.Entry(20, 0x1p24, -0.75));
  }

  @Test
  void judgesAgainstTheSumOfBothAllowances() {
    float[] a = {1, 1, 1, 1, 1, NAN, NAN, INFINITY, 0f};
    float[] b = {1, 1.5f, 1.75f, 2, 4, NAN, 1, INFINITY, -0f};
    float[] boundsA = fill(9, i -> 0.5);
    float[] boundsB = fill(9, i -> 0.25);
    FloorSums sums = judge(a, b, boundsA, boundsB, 100);
    assertThat(sums.differing()).isEqualTo(5);
    assertThat(sums.within()).isEqualTo(2);
    assertThat(sums.beyond()).isEqualTo(3);
    assertThat(sums.deltaSquaredWithin()).isEqualTo(0.25 + 0.5625);
    assertThat(sums.largestRatio()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(sums.largestRatioIndex()).isEqualTo(106);
  }

  @Test
  void reportsTheFirstOfTheLargestRatios() {
    float[] a = fill(50, i -> i == 21 || i == 37 ? 3 : 1);
    FloorSums sums = judge(a, new float[50], fill(50, i -> 1), fill(50, i -> 1), 7);
    assertThat(sums.largestRatio()).isEqualTo(1.5);
    assertThat(sums.largestRatioIndex()).isEqualTo(28);
    assertThat(sums.within()).isEqualTo(48);
    assertThat(sums.beyond()).isEqualTo(2);
    assertThat(sums.deltaSquaredWithin()).isEqualTo(48);
  }

  @Test
  void nothingIsAllowedWhereTheAllowanceIsZeroOrNoNumber() {
    float[] bounds = fill(32, i -> 1);
    bounds[3] = 0;
    bounds[4] = NAN;
    bounds[5] = -2;
    FloorSums zero = judge(fill(32, i -> i == 3 ? 1 : 0), new float[32], bounds, new float[32], 0);
    FloorSums nan = judge(fill(32, i -> i == 4 ? 1 : 0), new float[32], bounds, new float[32], 0);
    FloorSums negative =
        judge(fill(32, i -> i == 5 ? 1 : 0), new float[32], bounds, new float[32], 0);
    for (FloorSums sums : List.of(zero, nan, negative)) {
      assertThat(sums.beyond()).isEqualTo(1);
      assertThat(sums.within()).isZero();
      assertThat(sums.largestRatio()).isEqualTo(Double.POSITIVE_INFINITY);
    }
    assertThat(zero.largestRatioIndex()).isEqualTo(3);
    assertThat(nan.largestRatioIndex()).isEqualTo(4);
    assertThat(negative.largestRatioIndex()).isEqualTo(5);
  }

  @Test
  void equalPairsNeedNoAllowance() {
    FloorSums sums = judge(fill(33, i -> i), fill(33, i -> i), new float[33], new float[33], 0);
    assertThat(sums.differing()).isZero();
    assertThat(sums.largestRatio()).isZero();
    assertThat(sums.largestRatioIndex()).isEqualTo(-1);
  }

  private FloorSums judge(float[] a, float[] b, float[] boundsA, float[] boundsB, long first) {
    FloorSums sums = new FloorSums();
    kernel.judge(
        floats(a), 0, floats(b), 0, floats(boundsA), 0, floats(boundsB), 0, a.length, first, sums);
    return sums;
  }
}
