package dev.witnessmark.parity.compare;

import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.measure.StageMetrics;
import java.util.Locale;

/**
 * What a stage of one side is off by itself: the distance of what the side has from what comes out
 * when the stage is computed from that side's own inputs.
 *
 * @param error that distance
 * @param budget how many times its budget the worst value is off, infinite where bits must be equal
 *     and are not; against what, and where the budget comes from
 */
public record OwnError(StageMetrics error, BudgetUse budget) {

  /** What it is, in a sentence. */
  String sentence() {
    String by =
        String.format(
            Locale.ROOT,
            "by itself %.3g of its rms off, %.3g at most",
            error.relative(),
            error.scaled());
    return Double.isInfinite(budget.used())
        ? "%s, %s".formatted(by, budget.basis())
        : String.format(
            Locale.ROOT, "%s, %.3g times its budget, %s", by, budget.used(), budget.basis());
  }
}
