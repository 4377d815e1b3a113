package dev.witnessmark.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  private static final Sample ONE = values(1);

  private static Sample values(double... values) {
    return new Sample(List.of(values), false);
  }

  private static Sample forks(double[]... forks) {
    return new Sample(List.of(forks), true);
  }

  private static Interval interval(double confidence, Sample sample) {
    return new Bootstrap(10_000, confidence).ratioOfMedians(sample, ONE, 1);
  }

  /** Of the 27 ways to draw three of {1, 2, 3}, the median is 1 in 7, 2 in 13 and 3 in 7. */
  @Test
  void theDistributionOfAMedianOfThreeIsKnown() {
    Sample sample = values(3, 1, 2);

    assertThat(interval(0.55, sample)).isEqualTo(new Interval(1, 3));
    assertThat(interval(0.40, sample)).isEqualTo(new Interval(2, 2));
  }

  /** Of the 4 ways to draw two of {1, 2}, the median is 1 in 1, 1.5 in 2 and 2 in 1. */
  @Test
  void theMedianOfAnEvenNumberIsTheMiddleOfTwo() {
    assertThat(interval(0.60, values(1, 2))).isEqualTo(new Interval(1, 2));
    assertThat(interval(0.40, values(1, 2))).isEqualTo(new Interval(1.5, 1.5));
  }

  /** Nine values of three processes say no more than three do. */
  @Test
  void forksAreDrawnBeforeValues() {
    double[][] processes = {{1, 1, 1}, {2, 2, 2}, {3, 3, 3}};

    assertThat(interval(0.55, forks(processes))).isEqualTo(new Interval(1, 3));
    // As nine independent values, the median is 1 only where five or more of nine are: 14.5 %.
    assertThat(interval(0.55, values(1, 1, 1, 2, 2, 2, 3, 3, 3))).isEqualTo(new Interval(2, 2));
  }

  /** With one process there is nothing between processes to draw, but its values vary still. */
  @Test
  void valuesAreDrawnWithinForks() {
    assertThat(interval(0.60, forks(new double[] {1, 2}))).isEqualTo(new Interval(1, 2));
  }

  @Test
  void theIntervalIsOfTheNumeratorOverTheDenominator() {
    Interval interval =
        new Bootstrap(100, 0.99).ratioOfMedians(values(103, 103), values(100, 100), 1);

    assertThat(interval).isEqualTo(new Interval(1.03, 1.03));
  }

  @Test
  void theSameSeedDrawsTheSame() {
    Sample sample = values(1, 1.1, 1.3, 1.7, 1.9);

    assertThat(new Bootstrap(50, 0.9).ratioOfMedians(sample, sample, 7))
        .isEqualTo(new Bootstrap(50, 0.9).ratioOfMedians(sample, sample, 7))
        .isNotEqualTo(new Bootstrap(50, 0.9).ratioOfMedians(sample, sample, 8));
  }
}
