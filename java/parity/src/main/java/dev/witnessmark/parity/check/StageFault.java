package dev.witnessmark.parity.check;

import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.BudgetUse;
import dev.witnessmark.parity.measure.StageMetrics;
import java.util.List;
import java.util.Optional;

/**
 * A stage that is not what the oracle makes of the device's own inputs.
 *
 * @param key which stage
 * @param device the device against what the oracle makes of the same inputs
 * @param truth both against float64 from the same inputs
 * @param budget how much of what rounding allows the device's values use
 * @param index of the largest difference
 * @param oracleValue the oracle's value there
 * @param deviceValue the device's value there
 * @param exactValue the real one
 * @param remarks what else is to be known: crushed blocks, cancellation
 */
public record StageFault(
    StageKey key,
    StageMetrics device,
    Truth truth,
    Optional<BudgetUse> budget,
    long index,
    double oracleValue,
    double deviceValue,
    double exactValue,
    List<String> remarks) {

  public StageFault {
    remarks = List.copyOf(remarks);
  }

  /**
   * How far both sides are from float64.
   *
   * @param oracle the oracle's values
   * @param device the device's values
   */
  public record Truth(StageMetrics oracle, StageMetrics device) {}

  /** Whether rounding explains the difference. */
  public boolean withinBudget() {
    return budget.map(BudgetUse::within).orElse(false);
  }
}
