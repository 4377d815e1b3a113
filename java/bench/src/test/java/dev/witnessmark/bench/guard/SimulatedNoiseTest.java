package dev.witnessmark.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.Fork;
import dev.witnessmark.bench.Results;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole judgement on simulated benchmarks: equal code raises an alarm at most once in a
 * hundred, and a loss of 3 % is found at realistic noise. Seeds are fixed, so the counts are exact.
 */
class SimulatedNoiseTest {

  private static final int EQUAL_TRIALS = 500;
  private static final int LOSS_TRIALS = 200;
  private static final int SAMPLES = 30;
  private static final double NANOSECONDS = 1210;
  private static final double MEGAHERTZ = 1980;

  /** What a sample scatters by, as a share. */
  private static final double SIGMA = 0.006;

  /** Fewer draws make the ends of the interval coarser, not the judgement. */
  private static final GuardOptions FEWER_RESAMPLES =
      new GuardOptions(0.01, 0.005, 0.03, 1000, false);

  /** How the times of one process scatter around the truth. */
  enum Noise {
    GAUSSIAN(1, 199) {
      @Override
      Fork fork(SplittableRandom random) {
        return scattered(random, i -> 1);
      }
    },
    /** A tenth of the samples is interrupted for a while. */
    LONG_TAIL(1, 195) {
      @Override
      Fork fork(SplittableRandom random) {
        return scattered(
            random, i -> 1 + (random.nextInt(10) == 0 ? 0.2 * random.nextExponential() : 0));
      }
    },
    /** A sample falls into one of two modes, 2 % apart. */
    BIMODAL(1, 150) {
      @Override
      Fork fork(SplittableRandom random) {
        return scattered(random, i -> random.nextInt(4) == 0 ? 1.02 : 1);
      }
    },
    /** Processes differ as much as samples of one process do. */
    FORKS(10, 180) {
      @Override
      Fork fork(SplittableRandom random) {
        double own = 1 + SIGMA * random.nextGaussian();
        return scattered(random, i -> own);
      }
    },
    /** A process falls into one of two modes, 2 % apart, for all of its life: noise hides much. */
    BIMODAL_FORKS(10, 0) {
      @Override
      Fork fork(SplittableRandom random) {
        double mode = random.nextBoolean() ? 1.02 : 1;
        return scattered(random, i -> mode);
      }
    },
    /** From its first sample to its last, a process gets faster or slower by some 1 %. */
    DRIFTING(1, 140) {
      @Override
      Fork fork(SplittableRandom random) {
        double slope = 0.01 * random.nextGaussian();
        return scattered(random, i -> 1 + slope * i / SAMPLES);
      }
    },
    /** A random walk. */
    WANDERING(1, 180) {
      @Override
      Fork fork(SplittableRandom random) {
        double[] walk = {1};
        return scattered(random, i -> walk[0] += 0.001 * random.nextGaussian());
      }
    },
    /** One sample in thirty or so at a much lower clock, and known to be. */
    THROTTLING(1, 180) {
      @Override
      Fork fork(SplittableRandom random) {
        BitSet throttled = new BitSet();
        double[] clocks = new double[SAMPLES];
        Fork fork =
            scattered(
                random,
                i -> {
                  throttled.set(i, random.nextInt(30) == 0);
                  clocks[i] = throttled.get(i) ? 0.7 * MEGAHERTZ : MEGAHERTZ;
                  return MEGAHERTZ / clocks[i];
                });
        return Fork.of(fork.nanoseconds(), clocks, throttled);
      }
    },
    /** The whole process at one of two clocks, 4 % apart, and not called throttled. */
    HELD_BACK(1, 0) {
      @Override
      Fork fork(SplittableRandom random) {
        double clock = random.nextBoolean() ? 0.96 * MEGAHERTZ : MEGAHERTZ;
        double[] clocks = new double[SAMPLES];
        Arrays.fill(clocks, clock);
        return Fork.of(
            scattered(random, i -> MEGAHERTZ / clock).nanoseconds(), clocks, new BitSet());
      }
    };

    private final int forks;
    private final int found;

    /**
     * @param forks processes a side
     * @param found in how many of 200 trials a loss of 3 % must be found
     */
    Noise(int forks, int found) {
      this.forks = forks;
      this.found = found;
    }

    abstract Fork fork(SplittableRandom random);

    private static Fork scattered(SplittableRandom random, IntToDoubleFunction truth) {
      double[] factors = new double[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        factors[i] = truth.applyAsDouble(i) * (1 + SIGMA * random.nextGaussian());
      }
      return Fork.of(factors);
    }

    List<Fork> side(SplittableRandom random, double time) {
      List<Fork> side = new ArrayList<>();
      for (int i = 0; i < forks; i++) {
        Fork fork = fork(random);
        double[] times = Arrays.stream(fork.nanoseconds()).map(factor -> factor * time).toArray();
        double[] clocks = fork.megahertz();
        side.add(clocks == null ? Fork.of(times) : Fork.of(times, clocks, fork.throttled()));
      }
      return side;
    }
  }

  private static Map<Outcome, Integer> outcomes(Noise noise, double loss, int trials) {
    GuardJudge judge = new GuardJudge(FEWER_RESAMPLES, false);
    SplittableRandom random = new SplittableRandom(noise.name().hashCode());
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    for (int trial = 0; trial < trials; trial++) {
      CellKey key = Results.key("kernel " + trial);
      List<Fork> before = noise.side(random, NANOSECONDS);
      List<Fork> after = noise.side(random, NANOSECONDS * (1 + loss));
      counts.merge(outcome(judge, key, before, after), 1, Integer::sum);
    }
    return counts;
  }

  @ParameterizedTest
  @EnumSource
  void equalCodeAlarmsAtMostOnceInAHundred(Noise noise) {
    Map<Outcome, Integer> counts = outcomes(noise, 0, EQUAL_TRIALS);

    assertThat(counts.getOrDefault(Outcome.SLOWER, 0) + counts.getOrDefault(Outcome.FASTER, 0))
        .as("%s", counts)
        .isLessThanOrEqualTo(EQUAL_TRIALS / 100);
  }

  @ParameterizedTest
  @EnumSource
  void aLossOfThreePercentIsFound(Noise noise) {
    Map<Outcome, Integer> counts = outcomes(noise, 0.03, LOSS_TRIALS);

    assertThat(counts.getOrDefault(Outcome.SLOWER, 0))
        .as("%s", counts)
        .isGreaterThanOrEqualTo(noise.found);
    // Where noise hides it, nobody is told that all is well.
    assertThat(counts.getOrDefault(Outcome.SAME, 0)).as("%s", counts).isLessThanOrEqualTo(1);
    assertThat(counts).doesNotContainKey(Outcome.FASTER);
  }

  /** An answer is worth asking for: at realistic noise most equal cells are called the same. */
  @Test
  void equalCodeIsTheSame() {
    assertThat(outcomes(Noise.GAUSSIAN, 0, LOSS_TRIALS).get(Outcome.SAME))
        .isGreaterThanOrEqualTo(195);
  }

  /** Runs in turns, A B B A, on a machine that gets 2 % slower meanwhile. */
  @Test
  void turnsTakeDriftOut() {
    SplittableRandom random = new SplittableRandom(11);
    GuardJudge judge = new GuardJudge(FEWER_RESAMPLES, true);
    Map<Outcome, Integer> equal = new EnumMap<>(Outcome.class);
    Map<Outcome, Integer> loss = new EnumMap<>(Outcome.class);
    for (int trial = 0; trial < LOSS_TRIALS; trial++) {
      List<Fork> a = new ArrayList<>();
      List<Fork> b = new ArrayList<>();
      List<Fork> slower = new ArrayList<>();
      for (int run = 0; run < 40; run++) {
        double time = NANOSECONDS * (1 + 0.02 * run / 40) * (1 + SIGMA * random.nextGaussian());
        boolean runOfA = run % 4 == 0 || run % 4 == 3;
        (runOfA ? a : b).add(Fork.of(time));
        if (!runOfA) {
          slower.add(Fork.of(1.03 * time));
        }
      }
      CellKey key = Results.key("kernel " + trial);
      equal.merge(outcome(judge, key, a, b), 1, Integer::sum);
      loss.merge(outcome(judge, key, a, slower), 1, Integer::sum);
    }

    assertThat(equal).doesNotContainKeys(Outcome.SLOWER, Outcome.FASTER);
    assertThat(loss.get(Outcome.SLOWER)).isGreaterThanOrEqualTo(150);
  }

  private static Outcome outcome(GuardJudge judge, CellKey key, List<Fork> a, List<Fork> b) {
    return judge
        .judge(
            Results.result(Results.cell(key, a.toArray(Fork[]::new))),
            Results.result(Results.cell(key, b.toArray(Fork[]::new))))
        .getFirst()
        .outcome();
  }

  /** Many cells at once: the rate is that of the whole result, not of every cell. */
  @Test
  void aResultOfManyEqualCellsRaisesNoAlarm() {
    SplittableRandom random = new SplittableRandom(5);
    List<CellResult> results =
        new GuardJudge(FEWER_RESAMPLES, false).judge(gaussian(random), gaussian(random));

    assertThat(results).hasSize(300).noneMatch(cell -> cell.outcome().changed());
  }

  private static BenchResult gaussian(SplittableRandom random) {
    return Results.result(
        IntStream.range(0, 300)
            .mapToObj(i -> Results.cell(Results.key("k" + i), Noise.GAUSSIAN.fork(random)))
            .toArray(Cell[]::new));
  }
}
