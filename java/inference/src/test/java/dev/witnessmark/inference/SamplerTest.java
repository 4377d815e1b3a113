package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static final float INFINITY = Float.POSITIVE_INFINITY;

  /** Probabilities 1/2, 1/8, 1/4, 1/8. */
  private static final float[] LOGITS = {
    (float) Math.log(4), 0, (float) Math.log(2), 0,
  };

  @Test
  void greedyTakesTheFirstOfTheLargest() throws IOException {
    Sampler greedy = Sampler.greedy();
    assertThat(greedy.next(new float[] {1, 3, 2})).isEqualTo(1);
    assertThat(greedy.next(new float[] {1, 3, 3, -5})).isEqualTo(1);
    assertThat(greedy.next(new float[] {-0f, 0f})).isZero();
    assertThat(greedy.next(new float[] {-INFINITY, -INFINITY})).isZero();
    assertThat(greedy.next(new float[] {1, INFINITY})).isEqualTo(1);
  }

  @Test
  void nothingIsChosenWhereNothingCanBe() {
    for (Sampler sampler : new Sampler[] {Sampler.greedy(), Sampler.seeded(Sampling.PLAIN, 1)}) {
      assertRefused(sampler, "logit 2 of 4", 1, 2, Float.NaN, 0);
      assertRefused(sampler, "logit 0 of 2", Float.NaN, INFINITY);
      assertRefused(sampler, "no logits");
    }
    Sampler seeded = Sampler.seeded(Sampling.PLAIN, 1);
    assertRefused(seeded, "Infinity", 1, INFINITY);
    assertRefused(seeded, "-Infinity", -INFINITY, -INFINITY);
  }

  private static void assertRefused(Sampler sampler, String what, float... logits) {
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> sampler.next(logits))
        .withMessageContaining(what);
  }

  @Test
  void randomNumbersAreThoseOfTheirPaper() throws IOException {
    // Of 2^20 equal logits the token is the number's first 20 bits. SplitMix64 of seed 0 begins
    // e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f f88bb8a8724c81ec.
    Sampler sampler = Sampler.seeded(Sampling.PLAIN, 0);
    float[] equal = new float[1 << 20];
    assertThat(new int[] {sampler.next(equal), sampler.next(equal), sampler.next(equal)})
        .containsExactly(0xe220a, 0x6e789, 0x06c45);
  }

  @Test
  void equalSeedsDrawEqualTokens() throws IOException {
    assertThat(draws(new Sampling(0.8, 3, 0.95), 7, 200))
        .containsExactly(draws(new Sampling(0.8, 3, 0.95), 7, 200));
    assertThat(draws(Sampling.PLAIN, 7, 200)).isNotEqualTo(draws(Sampling.PLAIN, 8, 200));
  }

  @Test
  void frequenciesAreTheProbabilities() throws IOException {
    assertFrequencies(Sampling.PLAIN, 0.5, 0.125, 0.25, 0.125);
    // Square roots of the weights: 2, 1, √2, 1.
    double sum = 4 + Math.sqrt(2);
    assertFrequencies(new Sampling(2, 0, 1), 2 / sum, 1 / sum, Math.sqrt(2) / sum, 1 / sum);
    assertFrequencies(new Sampling(1, 1, 1), 1, 0, 0, 0);
    assertFrequencies(new Sampling(1, 2, 1), 2 / 3.0, 0, 1 / 3.0, 0);
    // The first of the two equal ones is the one that stays.
    assertFrequencies(new Sampling(1, 3, 1), 4 / 7.0, 1 / 7.0, 2 / 7.0, 0);
    assertFrequencies(new Sampling(1, 0, 0.76), 4 / 7.0, 1 / 7.0, 2 / 7.0, 0);
    assertFrequencies(new Sampling(1, 0, 0.74), 2 / 3.0, 0, 1 / 3.0, 0);
    assertFrequencies(new Sampling(1, 0, 1e-9), 1, 0, 0, 0);
    assertFrequencies(new Sampling(1e-3, 0, 1), 1, 0, 0, 0);
  }

  @Test
  void aPartThatIsReachedExactlyIsReached() throws IOException {
    Sampler sampler = Sampler.seeded(new Sampling(1, 0, 0.5), 9);
    for (int i = 0; i < 200; i++) {
      assertThat(sampler.next(new float[4])).isLessThan(2);
    }
  }

  private static void assertFrequencies(Sampling sampling, double... expected) throws IOException {
    int count = 20_000;
    int[] drawn = new int[LOGITS.length];
    for (int token : draws(sampling, 42, count)) {
      drawn[token]++;
    }
    for (int i = 0; i < drawn.length; i++) {
      if (expected[i] == 0) {
        assertThat(drawn[i]).as("token %d of %s", i, sampling).isZero();
      } else {
        // Four standard deviations of the widest.
        assertThat(drawn[i] / (double) count)
            .as("token %d of %s", i, sampling)
            .isCloseTo(expected[i], within(4 * 0.5 / Math.sqrt(count)));
      }
    }
  }

  private static int[] draws(Sampling sampling, long seed, int count) throws IOException {
    Sampler sampler = Sampler.seeded(sampling, seed);
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      drawn[i] = sampler.next(LOGITS);
    }
    return drawn;
  }

  @Test
  void minusInfinityIsNeverDrawn() throws IOException {
    Sampler sampler = Sampler.seeded(Sampling.PLAIN, 3);
    for (int i = 0; i < 1000; i++) {
      assertThat(sampler.next(new float[] {-INFINITY, 0, -INFINITY})).isEqualTo(1);
    }
  }

  @Test
  void settingsHaveRanges() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Sampling(bad, 0, 1));
    }
    for (double bad : new double[] {0, -0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Sampling(1, 0, bad));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Sampling(1, -1, 1));
  }
}
