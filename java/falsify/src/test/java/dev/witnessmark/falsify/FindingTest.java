package dev.witnessmark.falsify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class FindingTest {

  private final Hypothesis hypothesis =
      new Hypothesis("it amplifies", "growth", Hypothesis.Bound.AT_LEAST, 1.5, "by definition");

  @Test
  void withoutAControlNothingFollowsHoweverLargeTheEffect() {
    assertThat(Finding.of(hypothesis, 1e6, null).outcome()).isEqualTo(Outcome.NOT_SHOWN);
    assertThat(Finding.of(hypothesis, 0, null).outcome()).isEqualTo(Outcome.NOT_SHOWN);
  }

  @Test
  void aControlThatComesOutTheSameWayDecidesNothing() {
    assertThat(Finding.of(hypothesis, 6.7, new Control("cause taken away", 6.7)).outcome())
        .isEqualTo(Outcome.NOT_SHOWN);
    assertThat(Finding.of(hypothesis, 1, new Control("cause put in", 1)).outcome())
        .isEqualTo(Outcome.NOT_SHOWN);
  }

  @Test
  void aControlThatComesOutTheOtherWayDecides() {
    assertThat(Finding.of(hypothesis, 6.7, new Control("cause taken away", 1)))
        .isInstanceOf(Finding.Confirmed.class);
    assertThat(Finding.of(hypothesis, 1, new Control("cause put in", 1.5)))
        .isInstanceOf(Finding.Rejected.class);
  }

  @Test
  void confirmationAndRejectionCannotBeMadeWithAControlThatAgrees() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Finding.Confirmed(hypothesis, 2, new Control("cause taken away", 2)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Finding.Confirmed(hypothesis, 1, new Control("cause taken away", 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Finding.Rejected(hypothesis, 1, new Control("cause put in", 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Finding.Rejected(hypothesis, 2, new Control("cause put in", 2)));
  }

  @Test
  void whatIsNotANumberHoldsNoPrediction() {
    Hypothesis small =
        new Hypothesis("it is small", "size", Hypothesis.Bound.AT_MOST, 1, "by definition");

    assertThat(small.predicts(Double.NaN)).isFalse();
    assertThat(hypothesis.predicts(Double.NaN)).isFalse();
    assertThat(small.predicts(1)).isTrue();
    assertThat(hypothesis.predicts(1.5)).isTrue();
  }
}
