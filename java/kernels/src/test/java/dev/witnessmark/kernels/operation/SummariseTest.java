package dev.witnessmark.kernels.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.host.HostDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SummariseTest {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private static Summary summary(float... values) {
    try (Arena arena = Arena.ofConfined()) {
      return summary(arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
    }
  }

  private static Summary summary(MemorySegment values) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment record = arena.allocate(Summarise.RECORD_BYTES).fill((byte) 0xa5);
      HostDevice.best()
          .run(new Summarise(values.byteSize() / Float.BYTES), List.of(values, record));
      assertThat(record.get(INT, Summarise.RECORD_BYTES - 4)).isZero();
      return Summary.of(record);
    }
  }

  @Test
  void everyFieldOfAFewValues() {
    Summary summary =
        summary(
            1,
            Float.NaN,
            -3,
            Float.POSITIVE_INFINITY,
            3,
            Float.NEGATIVE_INFINITY,
            0f,
            Float.NaN,
            -0f,
            Float.NaN,
            Float.NEGATIVE_INFINITY);

    assertThat(summary).isEqualTo(new Summary(1, 19, summary.hash(), 3, 1, 2, 2, 2, 3, -3, 3));
  }

  @Test
  void whereNothingIsFiniteThereIsNoRange() {
    Summary none = new Summary(0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0);
    assertThat(summary()).isEqualTo(none);
    Summary infinite = summary(Float.POSITIVE_INFINITY);
    assertThat(infinite).isEqualTo(new Summary(0, 0, infinite.hash(), 0, 1, 0, 0, -1, 0, 0, 0));
  }

  @Test
  void theNegativeZeroIsBelowThePositiveOne() {
    Summary zeros = summary(0f, -0f, 0f);

    assertThat(Float.floatToRawIntBits(zeros.smallest())).isEqualTo(0x8000_0000);
    assertThat(Float.floatToRawIntBits(zeros.largest())).isZero();
    assertThat(zeros.indexOfLargest()).isZero();
    assertThat(zeros.zeros()).isEqualTo(3);
  }

  @Test
  void theFirstOfTheLargestIsFoundInAnySegment() {
    float[] values = new float[3 * Summarise.SEGMENT];
    Arrays.fill(values, 0.5f);
    values[2 * Summarise.SEGMENT - 1] = -7;
    values[2 * Summarise.SEGMENT] = 7;

    assertThat(summary(values).indexOfLargest()).isEqualTo(2L * Summarise.SEGMENT - 1);
    assertThat(summary(values).largestMagnitude()).isEqualTo(7);
    assertThat(summary(values).sum()).isEqualTo((values.length - 2) * 0.5);
  }

  @Test
  void theHashIsThatOfSplitMix64() {
    assertThat(summary(0f).hash()).isEqualTo(0xe220_a839_7b1d_cdafL);
    assertThat(summary(Float.intBitsToFloat(0x7fc0_1234), -0f).hash())
        .isEqualTo(Summarise.hash(0, 0x7fc0_1234) + Summarise.hash(1, 0x8000_0000));
  }

  @Property(tries = 300)
  void anyBitAndAnyExchangeChangesTheHash(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 5000) int elements,
      @ForAll @IntRange(max = 31) int bit) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocateFrom(INT, random.ints(elements).toArray());
      long hash = summary(values).hash();
      int i = random.nextInt(elements);
      int x = values.getAtIndex(INT, i);
      values.setAtIndex(INT, i, x ^ (1 << bit));
      assertThat(summary(values).hash()).isNotEqualTo(hash);

      int j = (i + 1 + random.nextInt(elements - 1)) % elements;
      values.setAtIndex(INT, i, values.getAtIndex(INT, j));
      values.setAtIndex(INT, j, x);
      assertThat(summary(values).hash() == hash).isEqualTo(values.getAtIndex(INT, i) == x);
    }
  }
}
