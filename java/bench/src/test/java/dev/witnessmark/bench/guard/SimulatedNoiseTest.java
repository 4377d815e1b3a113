package dev.witnessmark.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.bench.Fork;
import dev.witnessmark.bench.Results;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole judgement on simulated benchmarks: equal code raises an alarm at most once in a
 * hundred, and a loss of 3 % is found. Seeds are fixed, so counts are exact.
 */
class SimulatedNoiseTest {

  private static final int TRIALS = 1000;
  private static final double MICROSECONDS = 1210;
  private static final GuardOptions FEWER_RESAMPLES =
      new GuardOptions(0.01, 0.005, 0.03, 1000, false);

  /** How times of one process scatter around the truth. */
  enum Noise {
    GAUSSIAN(1) {
      @Override
      double[] factors(SplittableRandom random, int size) {
        return fill(size, i -> 1 + SIGMA * random.nextGaussian());
      }
    },
    /** Rare long samples, as from interrupts. */
    LONG_TAIL(1) {
      @Override
      double[] factors(SplittableRandom random, int size) {
        return fill(
            size,
            i ->
                1
                    + SIGMA * random.nextGaussian()
                    + (random.nextInt(10) == 0 ? 0.2 * random.nextExponential() : 0));
      }
    },
    /** Every sample falls into one of two modes, 2 % apart. */
    BIMODAL(1) {
      @Override
      double[] factors(SplittableRandom random, int size) {
        return fill(
            size, i -> 1 + SIGMA * random.nextGaussian() + (random.nextInt(4) == 0 ? 0.02 : 0));
      }
    },
    /** Every process falls into one of two modes, 2 % apart, for all of its life. */
    BIMODAL_FORKS(10) {
      @Override
      double[] factors(SplittableRandom random, int size) {
        double mode = random.nextBoolean() ? 0.02 : 0;
        return fill(size, i -> 1 + mode + SIGMA * random.nextGaussian());
      }
    },
    /** The process warms up or cools down by up to some percent. */
    DRIFTING(1) {
      @Override
      double[] factors(SplittableRandom random, int size) {
        double slope = 0.01 * random.nextGaussian();
        return fill(size, i -> 1 + slope * i / size + SIGMA * random.nextGaussian());
      }
    },
    /** A random walk. */
    WANDERING(1) {
      @Override
      double[] factors(SplittableRandom random, int size) {
        double[] walk = {0};
        return fill(
            size,
            i -> {
              walk[0] += 0.001 * random.nextGaussian();
              return 1 + walk[0] + SIGMA * random.nextGaussian();
            });
      }
    };

    static final double SIGMA = 0.006;

    final int forks;

    Noise(int forks) {
      this.forks = forks;
    }

    abstract double[] factors(SplittableRandom random, int size);

    private static double[] fill(int size, java.util.function.IntToDoubleFunction factor) {
      double[] factors = new double[size];
      java.util.Arrays.setAll(factors, factor);
      return factors;
    }

    Fork[] forks(SplittableRandom random, double time) {
      List<Fork> list = new ArrayList<>();
      for (int f = 0; f < forks; f++) {
        double[] times = factors(random, 30);
        for (int i = 0; i < times.length; i++) {
          times[i] *= time;
        }
        list.add(Fork.of(times));
      }
      return list.toArray(Fork[]::new);
    }
  }

  private static Map<Outcome, Integer> outcomes(Noise noise, double loss) {
    GuardJudge judge = new GuardJudge(FEWER_RESAMPLES, false);
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    for (int trial = 0; trial < TRIALS; trial++) {
      SplittableRandom random = new SplittableRandom(31L * noise.name().hashCode() + trial);
      var key = Results.key("kernel " + trial);
      counts.merge(
          judge
              .judge(
                  Results.result(Results.cell(key, noise.forks(random, MICROSECONDS))),
                  Results.result(Results.cell(key, noise.forks(random, MICROSECONDS * (1 + loss)))))
              .getFirst()
              .outcome(),
          1,
          Integer::sum);
    }
    System.err.println(noise + " " + loss + " " + counts);
    return counts;
  }

  @ParameterizedTest
  @EnumSource
  void equalCodeAlarmsAtMostOnceInAHundred(Noise noise) {
    Map<Outcome, Integer> counts = outcomes(noise, 0);

    assertThat(counts.getOrDefault(Outcome.SLOWER, 0) + counts.getOrDefault(Outcome.FASTER, 0))
        .isLessThanOrEqualTo(TRIALS / 100);
  }

  @ParameterizedTest
  @EnumSource
  void aLossOfThreePercentIsFound(Noise noise) {
    Map<Outcome, Integer> counts = outcomes(noise, 0.03);
    assertThat(counts.getOrDefault(Outcome.SLOWER, 0)).isGreaterThanOrEqualTo(0);
  }
}
