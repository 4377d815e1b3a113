package dev.witnessmark.parity.compare;

import dev.witnessmark.parity.measure.StageMetrics;
import java.util.Locale;

/**
 * What a stage of one side is off by itself: the distance of what the side has from what comes out
 * when the stage is computed from that side's own inputs.
 *
 * @param error that distance
 * @param used how many times its budget the worst value is off; infinite where bits must be equal
 *     and are not
 * @param at index of that value
 * @param basis against what, and where the budget comes from
 */
public record OwnError(StageMetrics error, double used, long at, String basis) {

  /** Whether the budget explains the error. */
  public boolean within() {
    return used <= 1;
  }

  /** What it is, in a sentence. */
  String sentence() {
    String by =
        String.format(
            Locale.ROOT,
            "by itself %.3g of its rms off, %.3g at most",
            error.relative(),
            error.scaled());
    return Double.isInfinite(used)
        ? "%s, %s".formatted(by, basis)
        : String.format(Locale.ROOT, "%s, %.3g times its budget, %s", by, used, basis);
  }
}
