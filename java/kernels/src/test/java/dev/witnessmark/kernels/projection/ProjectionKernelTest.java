package dev.witnessmark.kernels.projection;

import static dev.witnessmark.kernels.Native.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.witnessmark.kernels.operation.Base17;
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
class ProjectionKernelTest {

  static List<ProjectionKernel> kernels() {
    return ProjectionKernel.all();
  }

  /** A row's fingerprint by the definition, one dimension after the other. */
  private static short[] defined(float[] row, int stride) {
    short[] fingerprint = new short[Base17.DIMENSIONS];
    for (int b = 0; b < Base17.DIMENSIONS; b++) {
      double sum = 0;
      int count = 0;
      for (int i = 11 * b % 17; i < row.length; i += 17 * stride) {
        sum += row[i];
        count++;
      }
      fingerprint[b] = Base17.number(sum, count);
    }
    return fingerprint;
  }

  private static short[] project(
      ProjectionKernel kernel, float[] row, ProjectionSums sums, SplittableRandom cuts) {
    MemorySegment memory = floats(row);
    for (int done = 0; done < row.length; ) {
      int piece = Math.min(row.length - done, cuts.nextInt(1, 400));
      kernel.add(memory, 4L * done, piece, sums);
      done += piece;
    }
    short[] fingerprint = new short[Base17.DIMENSIONS];
    sums.finish(fingerprint, 0);
    return fingerprint;
  }

  /** Sums of these magnitudes depend in every bit on the order of the additions. */
  @Property(tries = 200)
  void everyCutOfARowGivesTheSameBits(
      @ForAll long seed,
      @ForAll @IntRange(max = 3000) int columns,
      @ForAll @IntRange(min = 1, max = 20) int stride) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] row = new float[columns];
    for (int i = 0; i < columns; i++) {
      row[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-12, 13)));
    }
    for (ProjectionKernel kernel : kernels()) {
      ProjectionSums sums = new ProjectionSums(stride);
      short[] expected = defined(row, stride);
      assertThat(project(kernel, row, sums, random)).isEqualTo(expected);
      // The next row begins from nothing.
      assertThat(project(kernel, row, sums, random)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void whatIsNoNumberStaysInItsDimension(ProjectionKernel kernel) {
    float[] row = new float[340];
    Arrays.fill(row, 1);
    row[17 * 3 + 5] = Float.NaN; // dimension 2
    row[17 * 4 + 16] = Float.POSITIVE_INFINITY; // dimension 3
    row[17 * 5] = Float.NEGATIVE_INFINITY; // dimension 0
    row[17 * 5 + 6] = Float.NEGATIVE_INFINITY; // dimension 16
    row[17 * 6 + 6] = Float.POSITIVE_INFINITY;
    short[] expected = new short[17];
    Arrays.fill(expected, (short) 256);
    expected[2] = 0;
    expected[3] = Short.MAX_VALUE;
    expected[0] = Short.MIN_VALUE;
    expected[16] = 0;
    assertThat(project(kernel, row, new ProjectionSums(1), new SplittableRandom(1)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nothingIsReadBehindThePiece(ProjectionKernel kernel) {
    MemorySegment memory = floats(new float[34]);
    ProjectionSums sums = new ProjectionSums(1);
    kernel.add(memory, 0, 34, sums);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.add(memory, 4, 34, sums));
  }

  @Test
  void halvesAreRoundedAwayFromZero() {
    assertThat(Base17.number(1 / 512.0, 1)).isEqualTo((short) 1);
    assertThat(Base17.number(-1 / 512.0, 1)).isEqualTo((short) -1);
    assertThat(Base17.number(0.49999999999999994 / 256, 1)).isEqualTo((short) 0);
    assertThat(Base17.number(Double.NaN, 3)).isEqualTo((short) 0);
    assertThat(Base17.number(1e300, 2)).isEqualTo(Short.MAX_VALUE);
    assertThat(Base17.number(-1e300, 2)).isEqualTo(Short.MIN_VALUE);
    assertThat(Base17.number(0, 0)).isEqualTo((short) 0);
  }

  /**
   * With another stride: of three octaves of ones, then twos, then threes, the second is left out.
   */
  @ParameterizedTest
  @MethodSource("kernels")
  void aRowBegunIsForgotten(ProjectionKernel kernel) {
    float[] row = new float[3 * Base17.DIMENSIONS];
    for (int i = 0; i < row.length; i++) {
      row[i] = 1 + i / Base17.DIMENSIONS;
    }
    ProjectionSums sums = new ProjectionSums(1);
    kernel.add(floats(row), 0, 20, sums);
    sums.begin(2);
    kernel.add(floats(row), 0, row.length, sums);
    short[] fingerprint = new short[Base17.DIMENSIONS];
    sums.finish(fingerprint, 0);
    short[] expected = new short[Base17.DIMENSIONS];
    Arrays.fill(expected, (short) (2 * Base17.SCALE));
    assertThat(fingerprint).isEqualTo(expected);
  }

  @Test
  void aStrideOfZeroIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ProjectionSums(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new ProjectionSums(1).begin(0));
  }
}
