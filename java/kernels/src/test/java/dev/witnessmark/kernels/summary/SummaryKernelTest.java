package dev.witnessmark.kernels.summary;

import static dev.witnessmark.kernels.Native.doubles;
import static dev.witnessmark.kernels.Native.floats;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("width")
@net.jqwik.api.Tag("width")
class SummaryKernelTest {

  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  static List<SummaryKernel> kernels() {
    return SummaryKernel.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void statisticsOfKnownValues(SummaryKernel kernel) {
    float[] values = new float[100];
    for (int i = 0; i < 100; i++) {
      values[i] = i - 40;
    }
    SummarySums sums = summarise(kernel, values);
    assertThat(sums.elements()).isEqualTo(100);
    assertThat(sums.minimum()).isEqualTo(-40);
    assertThat(sums.maximum()).isEqualTo(59);
    assertThat(sums.absoluteMaximum()).isEqualTo(59);
    assertThat(sums.mean()).isEqualTo(9.5);
    // Σ (i - 40)² = 22140 + 70210
    assertThat(sums.rms()).isEqualTo(Math.sqrt(923.5));
    assertThat(sums.zeros()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nonFiniteValuesAreCountedAndLeftOut(SummaryKernel kernel) {
    float[] values = new float[40];
    Arrays.fill(values, 2);
    values[3] = NAN;
    values[20] = -INFINITY;
    values[21] = INFINITY;
    values[39] = -3;
    SummarySums sums = summarise(kernel, values);
    assertThat(sums.nans()).isEqualTo(1);
    assertThat(sums.infinities()).isEqualTo(2);
    assertThat(sums.finite()).isEqualTo(37);
    assertThat(sums.minimum()).isEqualTo(-3);
    assertThat(sums.maximum()).isEqualTo(2);
    assertThat(sums.mean()).isEqualTo(69 / 37.0);
    assertThat(sums.absoluteMaximum()).isEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void negativeZeroIsBelowPositiveZero(SummaryKernel kernel) {
    float[] values = new float[32];
    values[17] = -0f;
    SummarySums sums = summarise(kernel, values);
    assertThat(sums.minimum()).isEqualTo(-0.0);
    assertThat(sums.maximum()).isEqualTo(0.0);
    assertThat(sums.zeros()).isEqualTo(32);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nothingHasNoStatistics(SummaryKernel kernel) {
    SummarySums sums = summarise(kernel, NAN, NAN);
    assertThat(sums.finite()).isZero();
    assertThat(sums.minimum()).isNaN();
    assertThat(sums.maximum()).isNaN();
    assertThat(sums.mean()).isNaN();
    assertThat(sums.rms()).isNaN();
    assertThat(sums.absoluteMaximum()).isNaN();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void refusesASegmentThatLeavesTheMemory(SummaryKernel kernel) {
    MemorySegment values = floats(new float[5000]);
    SummarySums sums = new SummarySums();
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.summarise(values, 0, 4097, sums));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.summarise(values, 4 * 4985, 16, sums));
  }

  @Property(tries = 300)
  void scalarAndVectorAgreeToTheBit(
      @ForAll long seed,
      @ForAll @IntRange(max = SummaryKernel.SEGMENT) int elements,
      @ForAll boolean clean) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(4L * elements);
      SummarySums scalar = new SummarySums();
      SummarySums vector = new SummarySums();
      for (int segment = 0; segment < 2; segment++) {
        for (int i = 0; i < elements; i++) {
          int bits = random.nextInt(50) == 0 ? random.nextInt(2) << 31 : random.nextInt();
          values.set(JAVA_INT_UNALIGNED, 4L * i, clean ? bits & 0xbfffffff : bits);
        }
        SummaryKernel.scalar().summarise(values, 0, elements, scalar);
        SummaryKernel.best().summarise(values, 0, elements, vector);
      }
      assertThat(bits(vector)).isEqualTo(bits(scalar));
    }
  }

  @Test
  void float64KeepsItsRange() {
    SummarySums sums = new SummarySums();
    WideSummary.summarise(doubles(0, 1e300, -0x1p60), 8, 2, sums);
    assertThat(sums.elements()).isEqualTo(2);
    assertThat(sums.maximum()).isEqualTo(1e300);
    assertThat(sums.minimum()).isEqualTo(-0x1p60);
    assertThat(sums.mean()).isEqualTo(5e299);
    assertThat(sums.rms()).isCloseTo(1e300 / Math.sqrt(2), withinPercentage(1e-13));

    SummarySums largest = new SummarySums();
    WideSummary.summarise(doubles(Double.MAX_VALUE, Double.MAX_VALUE, 3), 0, 3, largest);
    sums.merge(largest);
    assertThat(sums.mean()).isCloseTo(Double.MAX_VALUE * 0.4, withinPercentage(1e-6));
    assertThat(sums.rms()).isCloseTo(Double.MAX_VALUE * Math.sqrt(0.4), withinPercentage(1e-6));
  }

  @Test
  void mergesInOrder() {
    SummarySums first = summarise(SummaryKernel.best(), 1, 2, NAN);
    SummarySums second = summarise(SummaryKernel.best(), -4, 0, INFINITY);
    first.merge(second);
    assertThat(first.elements()).isEqualTo(6);
    assertThat(first.finite()).isEqualTo(4);
    assertThat(first.minimum()).isEqualTo(-4);
    assertThat(first.maximum()).isEqualTo(2);
    assertThat(first.zeros()).isEqualTo(1);
    assertThat(first.mean()).isEqualTo(-0.25);
    assertThat(first.rms()).isEqualTo(Math.sqrt(5.25));
  }

  private static SummarySums summarise(SummaryKernel kernel, float... values) {
    SummarySums sums = new SummarySums();
    kernel.summarise(floats(values), 0, values.length, sums);
    return sums;
  }

  private static List<Long> bits(SummarySums sums) {
    return List.of(
        sums.elements(),
        sums.zeros(),
        sums.nans(),
        sums.infinities(),
        Double.doubleToRawLongBits(sums.minimum()),
        Double.doubleToRawLongBits(sums.maximum()),
        Double.doubleToRawLongBits(sums.mean()),
        Double.doubleToRawLongBits(sums.rms()));
  }
}
