package dev.witnessmark.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Quantiles, ranks and corrections against values computed by hand, by SciPy and by R. */
class StatisticsTest {

  private static final double EXACT = 1e-12;

  private static Sample values(double... values) {
    return new Sample(List.of(values), false);
  }

  @Test
  void quantilesInterpolate() {
    double[] sorted = {1, 2, 4, 8};

    assertThat(Quantiles.ofSorted(sorted, 0)).isEqualTo(1);
    assertThat(Quantiles.ofSorted(sorted, 0.25)).isEqualTo(1.75);
    assertThat(Quantiles.ofSorted(sorted, 0.5)).isEqualTo(3);
    assertThat(Quantiles.ofSorted(sorted, 0.99)).isCloseTo(7.88, within(EXACT));
    assertThat(Quantiles.ofSorted(sorted, 1)).isEqualTo(8);
    assertThat(Quantiles.median(new double[] {5, 1, 3})).isEqualTo(3);
  }

  /** The example of scipy.stats.mannwhitneyu: ages of diabetes diagnosis, U = 17, p = 1/9. */
  @Test
  void ranksOfSmallSamplesAreExact() {
    double p = MannWhitney.pValue(values(19, 22, 16, 29, 24), values(20, 11, 17, 12));

    assertThat(p).isCloseTo(1.0 / 9, within(EXACT));
  }

  /** SciPy: mannwhitneyu([1,2,2,3,5], [2,4,6,6,7,9], method='asymptotic'). */
  @Test
  void tiesAreCorrectedFor() {
    double p = MannWhitney.pValue(values(1, 2, 2, 3, 5), values(2, 4, 6, 6, 7, 9));

    assertThat(p).isCloseTo(0.052477978971014166, within(EXACT));
  }

  @Test
  void nothingButTiesProvesNothing() {
    assertThat(MannWhitney.pValue(values(3, 3, 3), values(3, 3))).isEqualTo(1);
  }

  @Test
  void separatedSamplesReachTheSmallestPossibleValue() {
    double p = MannWhitney.pValue(values(1, 2, 3, 4, 5), values(6, 7, 8, 9, 10));

    assertThat(p).isCloseTo(2.0 / 252, within(EXACT));
    assertThat(MannWhitney.smallest(5, 5)).isCloseTo(2.0 / 252, within(EXACT));
    assertThat(MannWhitney.smallest(1, 5)).isCloseTo(1.0 / 3, within(EXACT));
    assertThat(MannWhitney.smallest(1, 1)).isEqualTo(1);
    assertThat(MannWhitney.smallest(2000, 2000)).isZero();
  }

  @Test
  void moreCellsNeedMoreUnits() {
    assertThat(MannWhitney.unitsNeeded(0.01)).isEqualTo(5);
    assertThat(MannWhitney.unitsNeeded(0.01 / 3)).isEqualTo(6);
    assertThat(MannWhitney.unitsNeeded(0.01 / 64)).isEqualTo(8);
  }

  /** R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"). */
  @Test
  void holmStepsDown() {
    assertThat(Holm.adjusted(new double[] {0.01, 0.04, 0.03, 0.005}))
        .usingComparatorWithPrecision(EXACT)
        .containsExactly(0.03, 0.06, 0.06, 0.02);
    assertThat(Holm.adjusted(new double[] {0.9, 0.8})).containsExactly(1, 1);
    assertThat(Holm.adjusted(new double[0])).isEmpty();
  }

  @Test
  void noiseIsWhatHalvesDifferBy() {
    // Two units make two halves of one: either 100/103 or 103/100.
    assertThat(AaNoise.ofHalves(values(100, 103), 1, 1)).isCloseTo(0.03, within(EXACT));
    assertThat(AaNoise.ofHalves(values(100, 103), 0, 1)).isCloseTo(3.0 / 103, within(EXACT));
    assertThat(AaNoise.ofHalves(values(100), 1, 1)).isZero();
    assertThat(AaNoise.ofHalves(values(7, 7, 7, 7, 7), 1, 1)).isZero();
  }

  /** Halves of {1, 2, 3, 4} have medians 1.5 | 3.5, 2 | 3 or 2.5 | 2.5, each way round. */
  @Test
  void everyDealIsEquallyLikely() {
    Sample sample = values(1, 2, 3, 4);

    assertThat(AaNoise.ofHalves(sample, 0.25, 1)).isZero();
    assertThat(AaNoise.ofHalves(sample, 0.42, 1)).isCloseTo(1.0 / 3, within(EXACT));
    assertThat(AaNoise.ofHalves(sample, 0.58, 1)).isCloseTo(0.5, within(EXACT));
    assertThat(AaNoise.ofHalves(sample, 0.75, 1)).isCloseTo(1 - 1.5 / 3.5, within(EXACT));
    assertThat(AaNoise.ofHalves(sample, 1, 1)).isCloseTo(3.5 / 1.5 - 1, within(EXACT));
  }

  @Test
  void measuredRatiosCountByTheirDistanceFromOne() {
    assertThat(AaNoise.ofRatios(new double[] {1.01, 0.98}, 0.99)).isCloseTo(0.0199, within(EXACT));
    assertThat(AaNoise.ofRatios(new double[0], 0.99)).isZero();
  }

  @Test
  void driftIsBetweenTheFirstAndTheLastThird() {
    assertThat(AaNoise.drift(values(100, 100, 101, 102, 103, 103))).isCloseTo(0.03, within(EXACT));
    assertThat(AaNoise.drift(values(100, 100, 200, 200, 200, 99, 99)))
        .isCloseTo(1 - 99.0 / 100, within(EXACT));
    assertThat(AaNoise.drift(values(100))).isZero();
  }

  @Test
  void speedIsTheInverseOfTime() {
    Change change = new Change(1.25, new Interval(1.0, 2.0));

    assertThat(change.speed()).isCloseTo(-0.2, within(EXACT));
    assertThat(change.speedInterval()).isEqualTo(new Interval(-0.5, 0));
  }

  @Test
  void severalForksAreUnits() {
    List<double[]> two = List.of(new double[] {1, 9, 2}, new double[] {4});

    assertThat(new Sample(two, true).units()).containsExactly(2, 4);
    assertThat(new Sample(two, true).median()).isEqualTo(3);
    assertThatThrownBy(() -> new Sample(two, false)).isInstanceOf(IllegalArgumentException.class);
  }
}
