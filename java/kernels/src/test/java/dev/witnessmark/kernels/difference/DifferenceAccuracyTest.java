package dev.witnessmark.kernels.difference;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Totals against exact decimal arithmetic. */
class DifferenceAccuracyTest {

  /** The documented bound, as a part of the sum of magnitudes. */
  private static final BigDecimal BOUND = new BigDecimal("3e-14");

  /** How the values of a test are made. */
  enum Pattern {
    /** Two checkpoints a small step apart. */
    RELATED {
      @Override
      float a(SplittableRandom random, int i) {
        return (float) random.nextGaussian();
      }

      @Override
      float b(SplittableRandom random, int i, float a) {
        return a + 1e-3f * (float) random.nextGaussian();
      }
    },
    /** The differences cancel to nearly nothing. */
    CANCELLING {
      @Override
      float a(SplittableRandom random, int i) {
        return i % 2 == 0 ? 1e6f : 1e6f + 0.0625f;
      }

      @Override
      float b(SplittableRandom random, int i, float a) {
        return i % 2 == 0 ? 2e6f : 0.1f;
      }
    },
    /** Numbers of sixty decimal orders side by side. */
    MIXED {
      @Override
      float a(SplittableRandom random, int i) {
        return random.nextBoolean() ? 1e30f * (random.nextFloat() - 0.5f) : 1e-30f;
      }

      @Override
      float b(SplittableRandom random, int i, float a) {
        return random.nextBoolean() ? -a : 1e-30f * random.nextFloat();
      }
    },
    /** All of the range of float32. */
    ANY {
      @Override
      float a(SplittableRandom random, int i) {
        return any(random);
      }

      @Override
      float b(SplittableRandom random, int i, float a) {
        return any(random);
      }
    };

    abstract float a(SplittableRandom random, int i);

    abstract float b(SplittableRandom random, int i, float a);

    private static float any(SplittableRandom random) {
      float value = Float.intBitsToFloat(random.nextInt());
      return Float.isFinite(value) ? value : 0;
    }
  }

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void totalsAreRightToTheDocumentedBound(
      @ForAll Pattern pattern,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 1500) int elements,
      @ForAll @IntRange(min = 1, max = 1000) int repeats) {
    check(pattern, seed, elements, repeats);
  }

  @Property(tries = 4, shrinking = ShrinkingMode.OFF)
  void aMillionElements(@ForAll Pattern pattern, @ForAll long seed) {
    check(pattern, seed, 4096, 300);
  }

  private static void check(Pattern pattern, long seed, int elements, int repeats) {
    SplittableRandom random = new SplittableRandom(seed);
    Exact delta = new Exact();
    Exact deltaSquared = new Exact();
    Exact aSquared = new Exact();
    Exact bSquared = new Exact();
    Exact product = new Exact();
    DifferenceSums sums = new DifferenceSums();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(JAVA_FLOAT, elements);
      MemorySegment b = arena.allocate(JAVA_FLOAT, elements);
      for (int i = 0; i < elements; i++) {
        float x = pattern.a(random, i);
        float y = pattern.b(random, i, x);
        a.setAtIndex(JAVA_FLOAT, i, x);
        b.setAtIndex(JAVA_FLOAT, i, y);
        BigDecimal exactX = new BigDecimal(x);
        BigDecimal exactY = new BigDecimal(y);
        BigDecimal difference = exactX.subtract(exactY);
        delta.add(difference);
        deltaSquared.add(difference.multiply(difference));
        aSquared.add(exactX.multiply(exactX));
        bSquared.add(exactY.multiply(exactY));
        product.add(exactX.multiply(exactY));
      }
      for (int i = 0; i < repeats; i++) {
        DifferenceKernel.best().reduce(a, 0, b, 0, elements, sums);
      }
    }
    assertThat(sums.pairs()).isEqualTo((long) elements * repeats);
    delta.check(sums.delta(), repeats, "delta");
    deltaSquared.check(sums.deltaSquared(), repeats, "delta squared");
    aSquared.check(sums.aSquared(), repeats, "a squared");
    bSquared.check(sums.bSquared(), repeats, "b squared");
    product.check(sums.product(), repeats, "product");
  }

  /** A sum and the sum of magnitudes without any rounding. */
  private static final class Exact {
    private BigDecimal sum = BigDecimal.ZERO;
    private BigDecimal magnitudes = BigDecimal.ZERO;

    void add(BigDecimal term) {
      sum = sum.add(term);
      magnitudes = magnitudes.add(term.abs());
    }

    void check(double found, int repeats, String what) {
      BigDecimal times = BigDecimal.valueOf(repeats);
      BigDecimal error = new BigDecimal(found).subtract(sum.multiply(times)).abs();
      assertThat(error)
          .as(what)
          .isLessThanOrEqualTo(magnitudes.multiply(times).multiply(BOUND, MathContext.DECIMAL128));
    }
  }
}
