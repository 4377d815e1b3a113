package dev.witnessmark.parity.budget;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BoundsTest {

  private static final double NONE = Double.POSITIVE_INFINITY;

  @Test
  void theLargestShareCounts() {
    Bounds bounds = new Bounds(new double[] {1, 2, 3}, new double[] {0.5, 0.25, 1});
    assertThat(bounds.use(new double[] {1.25, 2.125, 3.75}, "derived"))
        .isEqualTo(new BudgetUse(0.75, 2, 0, "derived"));
    assertThat(bounds.use(new double[] {1, 2.5, 3}, "derived"))
        .isEqualTo(new BudgetUse(2, 1, 0, "derived"));
  }

  @Test
  void whatHasNoBudgetMustBeTheRealValue() {
    Bounds bounds = new Bounds(new double[] {1, NONE, 3}, new double[] {1, NONE, NONE});
    BudgetUse same = bounds.use(new double[] {1, NONE, 3}, "");
    assertThat(same).isEqualTo(new BudgetUse(0, -1, 0, ""));
    assertThat(same.within()).isTrue();
    BudgetUse other = bounds.use(new double[] {1.5, 7, 3.5}, "");
    assertThat(other.unlimited()).isEqualTo(2);
    assertThat(other.used()).isInfinite();
    assertThat(other.within()).isFalse();
    assertThat(new BudgetUse(0.5, 0, 1, "").within()).isFalse();
  }

  @Test
  void aNaNIsOnlyWithinWhereItIsCertain() {
    Bounds bounds = new Bounds(new double[] {Double.NaN, 2}, new double[] {0, 1});
    assertThat(bounds.use(new double[] {Double.NaN, 2}, "").used()).isZero();
    assertThat(bounds.use(new double[] {Double.NaN, Double.NaN}, "").used()).isInfinite();
    assertThat(bounds.use(new double[] {1, 2}, "").index()).isZero();
  }

  /** u = 2⁻¹¹ instead of 2⁻²⁴: 2¹³ times the budget, and the value is rounded once more. */
  @Test
  void aBudgetGrowsWithTheUnitRoundoff() {
    Bounds float32 = new Bounds(new double[] {2, 2}, new double[] {0x1p-20, NONE});
    Bounds rounded = new Bounds(new double[] {2, 2}, new double[] {0x1p-20 + 0x1p-12, NONE});
    Bounds half = float32.in(Precision.F16, rounded);
    assertThat(half.values()).containsExactly(2, 2);
    assertThat(half.budgets()).containsExactly(0x1p-7 + 0x1p-10 + 0x1p-25 + 0x1p-12, NONE);
  }
}
