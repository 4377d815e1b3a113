package dev.witnessmark.kernels.difference;

import static dev.witnessmark.kernels.difference.Kernels.bits;
import static dev.witnessmark.kernels.difference.Kernels.fillRelated;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Scalar and vector: the same bits, for any length, any values, at any address. */
@Tag("width")
class DifferenceAgreementTest {

  private static final DifferenceKernel SCALAR = DifferenceKernel.scalar();
  private static final DifferenceKernel VECTOR = DifferenceKernel.best();

  @Property(tries = 600)
  void reduce(
      @ForAll long seed,
      @ForAll @IntRange(max = DifferenceKernel.SEGMENT) int anyLength,
      @ForAll @IntRange(max = 22) int knownLength,
      @ForAll boolean known,
      @ForAll @IntRange(max = 67) int offset,
      @ForAll boolean clean) {
    int elements = known ? Kernels.LENGTHS[knownLength] : anyLength;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(offset + 4L * elements);
      MemorySegment b = arena.allocate(offset + 4L * elements);
      DifferenceSums scalar = new DifferenceSums();
      DifferenceSums vector = new DifferenceSums();
      SplittableRandom random = new SplittableRandom(seed);
      for (int segment = 0; segment < 3; segment++) {
        fillRelated(random, a, b, offset, elements, clean ? 0 : segment);
        SCALAR.reduce(a, offset, b, offset, elements, scalar);
        VECTOR.reduce(a, offset, b, offset, elements, vector);
        assertThat(bits(vector)).isEqualTo(bits(scalar));
      }
    }
  }

  @Property(tries = 300)
  void offer(
      @ForAll long seed,
      @ForAll @IntRange(max = DifferenceKernel.SEGMENT) int elements,
      @ForAll @IntRange(min = 1, max = 40) int capacity,
      @ForAll boolean backwards) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(4L * elements);
      MemorySegment b = arena.allocate(4L * elements);
      TopDifferences scalar = new TopDifferences(capacity);
      TopDifferences vector = new TopDifferences(capacity);
      SplittableRandom random = new SplittableRandom(seed);
      for (int segment = 0; segment < 3; segment++) {
        long first = (backwards ? 3 - segment : segment) * 4096L;
        fillRelated(random, a, b, 0, elements, segment);
        SCALAR.offer(a, 0, b, 0, elements, first, scalar);
        VECTOR.offer(a, 0, b, 0, elements, first, vector);
        assertThat(vector.entries()).isEqualTo(scalar.entries());
      }
    }
  }

  @Property(tries = 300)
  void judge(
      @ForAll long seed,
      @ForAll @IntRange(max = DifferenceKernel.SEGMENT) int elements,
      @ForAll @IntRange(max = 67) int offset,
      @ForAll @IntRange(max = 2) int strangeness,
      @ForAll boolean backwards) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(offset + 4L * elements);
      MemorySegment b = arena.allocate(offset + 4L * elements);
      MemorySegment boundsA = arena.allocate(offset + 4L * elements);
      MemorySegment boundsB = arena.allocate(offset + 4L * elements);
      FloorSums scalar = new FloorSums();
      FloorSums vector = new FloorSums();
      SplittableRandom random = new SplittableRandom(seed);
      for (int segment = 0; segment < 3; segment++) {
        fillRelated(random, a, b, offset, elements, strangeness * segment);
        fillBounds(random, a, b, boundsA, boundsB, offset, elements, strangeness);
        long first = (backwards ? 3 - segment : segment) * 4096L;
        SCALAR.judge(
            a, offset, b, offset, boundsA, offset, boundsB, offset, elements, first, scalar);
        VECTOR.judge(
            a, offset, b, offset, boundsA, offset, boundsB, offset, elements, first, vector);
        assertThat(bits(vector)).isEqualTo(bits(scalar));
      }
    }
  }

  /** The vectors must not miss a largest ratio that is larger by one unit in the last place. */
  @Property(tries = 300)
  void findsTheLargestOfRatiosThatAreAlmostEqual(
      @ForAll long seed, @ForAll @IntRange(min = -149, max = 100) int exponent) {
    int elements = 64;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(4L * elements);
      MemorySegment b = arena.allocate(4L * elements);
      MemorySegment allowed = arena.allocate(4L * elements);
      FloorSums scalar = new FloorSums();
      FloorSums vector = new FloorSums();
      SplittableRandom random = new SplittableRandom(seed);
      for (int segment = 0; segment < 20; segment++) {
        for (int i = 0; i < elements; i++) {
          float difference = Math.scalb(1 + random.nextInt(16) / 8f, exponent);
          float half = Math.scalb(difference, -1);
          a.setAtIndex(JAVA_FLOAT_UNALIGNED, i, difference);
          allowed.setAtIndex(
              JAVA_FLOAT_UNALIGNED, i, half + Math.ulp(half) * random.nextInt(-3, 3));
        }
        long first = (long) segment * elements;
        SCALAR.judge(a, 0, b, 0, allowed, 0, allowed, 0, elements, first, scalar);
        VECTOR.judge(a, 0, b, 0, allowed, 0, allowed, 0, elements, first, vector);
        assertThat(bits(vector)).isEqualTo(bits(scalar));
      }
    }
  }

  /** Allowances near the differences, some of them exactly so, and some that are none. */
  private static void fillBounds(
      SplittableRandom random,
      MemorySegment a,
      MemorySegment b,
      MemorySegment boundsA,
      MemorySegment boundsB,
      long at,
      int elements,
      int strangeness) {
    float[] strange = {0f, -0f, -1f, Float.NaN, Float.POSITIVE_INFINITY, -Float.NaN};
    for (int i = 0; i < elements; i++) {
      long position = at + 4L * i;
      float difference =
          Math.abs(a.get(JAVA_FLOAT_UNALIGNED, position) - b.get(JAVA_FLOAT_UNALIGNED, position));
      float half = Float.isFinite(difference) && difference > 0 ? difference / 2 : Float.MIN_NORMAL;
      float factor = random.nextInt(3) == 0 ? 1 : random.nextFloat() * 2 + 0.01f;
      boolean odd = strangeness > 0 && random.nextInt(2000) < strangeness;
      boundsA.set(
          JAVA_FLOAT_UNALIGNED,
          position,
          odd ? strange[random.nextInt(strange.length)] : half * factor);
      boundsB.set(
          JAVA_FLOAT_UNALIGNED, position, odd ? strange[random.nextInt(strange.length)] : half);
    }
  }
}
