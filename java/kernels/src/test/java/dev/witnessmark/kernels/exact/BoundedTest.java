package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.kernels.numerics.FloatLanes;
import dev.witnessmark.kernels.numerics.Numerics;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BoundedTest {

  private static final double INFINITE = Double.POSITIVE_INFINITY;

  /** A float as the canonical arithmetic has it, and a real number that it stands for. */
  private record Pair(float canonical, Bounded real) {

    static Pair of(Random random) {
      float canonical = Float.intBitsToFloat(random.nextInt());
      if (!Float.isFinite(canonical)) {
        canonical = (float) random.nextGaussian();
      }
      double error = random.nextInt(4) == 0 ? 0 : Math.abs(canonical) * random.nextDouble() * 1e-5;
      double value = canonical + error * (2 * random.nextDouble() - 1);
      return new Pair(canonical, new Bounded(value, 1.0000001 * error));
    }
  }

  @Property(tries = 2000)
  void everyOperationStaysWithinItsBound(@ForAll long seed) {
    Random random = new Random(seed);
    Pair x = Pair.of(random);
    Pair y = Pair.of(random);
    Pair z = Pair.of(random);
    holds(x.canonical + y.canonical, x.real.plus(y.real));
    holds(x.canonical * y.canonical, x.real.times(y.real));
    holds(x.canonical / y.canonical, x.real.over(y.real));
    holds(Math.fma(x.canonical, y.canonical, z.canonical), x.real.timesPlus(y.real, z.real));
    Bounded positive = new Bounded(Math.abs(x.real.value()), x.real.error());
    holds((float) Math.sqrt(Math.abs(x.canonical)), positive.squareRoot());
    holds(Numerics.exp(x.canonical), x.real.exp());
    Pair ordinary = new Pair(z.canonical % 100, new Bounded(z.canonical % 100, 0));
    holds(Numerics.exp(ordinary.canonical), ordinary.real.exp());
  }

  @Property(tries = 300)
  void sumsInLanesStayWithinTheirBound(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 1100) int terms) {
    Random random = new Random(seed);
    FloatLanes lanes = terms % 2 == 0 ? FloatLanes.of8() : FloatLanes.of256();
    BoundedSum sum = terms % 2 == 0 ? BoundedSum.of8() : BoundedSum.of256();
    int kind = random.nextInt(3);
    for (int i = 0; i < terms; i++) {
      float x = Math.scalb((float) random.nextGaussian(), random.nextInt(-140, 20));
      float y = (float) random.nextGaussian();
      switch (kind) {
        case 0 -> {
          lanes.add(i, x);
          sum.add(Bounded.exactly(x));
        }
        case 1 -> {
          lanes.addProduct(i, x, y);
          sum.addProduct(x, y);
        }
        default -> {
          double error = Math.abs(x) * 1e-6;
          lanes.addProduct(i, x, y);
          sum.addProduct(new Bounded(x + 0.99 * error, error), y);
        }
      }
    }
    holds(lanes.total(), sum.total());
  }

  private static void holds(float canonical, Bounded real) {
    if (real.error() != INFINITE) {
      if (Double.isFinite(real.value())) {
        assertThat((double) canonical).isCloseTo(real.value(), within(real.error()));
      } else {
        assertThat((double) canonical).isEqualTo(real.value());
      }
    }
  }

  @Example
  void boundsAreThoseOfTheModel() {
    double u = 0x1p-24;
    assertThat(Bounded.gamma(3, u)).isEqualTo(3 * u / (1 - 3 * u));
    assertThat(Bounded.exactly(3).plus(Bounded.exactly(4)).error()).isCloseTo(7 * u, within(1e-12));
    assertThat(new Bounded(3, 1e-4).times(new Bounded(5, 1e-3)).error())
        .as("3e-3 + 5e-4 + 1e-7 and the rounding of 15")
        .isCloseTo(0.0035001 + 15.0035 * u, within(1e-11));
    assertThat(new Bounded(6, 1e-4).over(new Bounded(2, 1e-4)).error())
        .as("(1e-4 + 3·1e-4)/(2 − 1e-4) and the rounding of 3")
        .isCloseTo(4e-4 / 1.9999 + 3.0002 * u, within(1e-10));
    assertThat(new Bounded(4, 1e-3).squareRoot().error())
        .isCloseTo(1e-3 / (2 + Math.sqrt(3.999)) + 2.00025 * u, within(1e-10));
    assertThat(Bounded.exactly(0).exp().error()).isCloseTo(2 * 1.0104 * u, within(1e-12));
    assertThat(Bounded.exactly(-200).exp().error())
        .as("a result that vanishes may be off by a unit in the last place")
        .isCloseTo(1.0104 * 0x1p-149, within(0x1p-160));
  }

  /** 700 terms: three in a lane, of which two additions are rounded, and eight halvings. */
  @Example
  void sumsCountTheirRoundings() {
    double u = Bounded.U;
    BoundedSum sum = BoundedSum.of256();
    for (int i = 0; i < 700; i++) {
      sum.add(Bounded.exactly(i % 2 == 0 ? 1 : -1));
    }
    assertThat(sum.total()).isEqualTo(new Bounded(0, Bounded.gamma(10, u) * 700));
    sum.clear();
    for (int i = 0; i < 5; i++) {
      sum.addProduct(1, 2);
    }
    assertThat(sum.total().error())
        .as("one product and three of eight halvings, for five lanes are not empty")
        .isCloseTo(Bounded.gamma(4, u) * 10, within(1e-20));
    sum.clear();
    sum.add(Bounded.exactly(3));
    assertThat(sum.total()).isEqualTo(Bounded.exactly(3));
  }

  @Example
  void whatMayOverflowHasNoBound() {
    Bounded large = Bounded.exactly(Float.MAX_VALUE);
    assertThat(large.plus(large).error()).isEqualTo(INFINITE);
    assertThat(large.times(Bounded.exactly(2)).error()).isEqualTo(INFINITE);
    assertThat(Bounded.exactly(1).over(new Bounded(1e-9, 1e-8)).error()).isEqualTo(INFINITE);
    assertThat(Bounded.exactly(89).exp().error()).isEqualTo(INFINITE);
    BoundedSum sum = BoundedSum.of8();
    sum.add(large);
    sum.add(large.negated());
    assertThat(sum.total().error()).as("a partial sum may overflow").isEqualTo(INFINITE);
  }

  @Example
  void infinitiesAreCertainOrNot() {
    Bounded infinity = Bounded.exactly(INFINITE);
    Bounded nan = Bounded.exactly(Double.NaN);
    assertThat(infinity.times(Bounded.exactly(-2))).isEqualTo(infinity.negated());
    assertThat(infinity.times(Bounded.exactly(0))).isEqualTo(nan);
    assertThat(infinity.times(new Bounded(1e-9, 1e-8)).error())
        .as("the sign of the factor is not known")
        .isEqualTo(INFINITE);
    assertThat(infinity.plus(infinity.negated())).isEqualTo(nan);
    assertThat(Bounded.exactly(1).over(infinity)).isEqualTo(Bounded.exactly(0));
    assertThat(Bounded.exactly(1).over(Bounded.exactly(0))).isEqualTo(infinity);
    assertThat(Bounded.unlimited(1).times(nan)).as("whatever the other is").isEqualTo(nan);
    assertThat(infinity.negated().below(5, 0).exp()).isEqualTo(Bounded.exactly(0));
    assertThat(infinity.below(INFINITE, 0)).isEqualTo(nan);
  }
}
