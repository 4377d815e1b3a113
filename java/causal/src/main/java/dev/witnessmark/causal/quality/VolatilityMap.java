package dev.witnessmark.causal.quality;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.causal.truth.Truth;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How restless heads are over four diffs.
 *
 * @param truths that a head shifts, for every head that did in at least one diff
 * @param scaffold scaffold blocks of the first diff
 * @param scaleInvariant those that are also scaffold blocks of the small pair
 */
public record VolatilityMap(
    Map<HeadKey, Truth> truths, List<Long> scaffold, List<Long> scaleInvariant) {

  /**
   * Revises over four diffs in their order.
   *
   * @param first base to the first tuned model
   * @param second base to the second tuned model
   * @param between the first tuned model to the second
   * @param small base to tuned of a smaller pair
   */
  public static VolatilityMap of(
      CausalResult first, CausalResult second, CausalResult between, CausalResult small) {
    List<CausalResult> diffs = List.of(first, second, between, small);
    Map<HeadKey, Truth> truths = new TreeMap<>();
    for (HeadKey head : QualityMap.shiftedIn(diffs)) {
      truths.put(head, QualityMap.truth(diffs, head));
    }
    List<Long> scaffold = first.scaffold().numbers();
    List<Long> alsoSmall = small.scaffold().numbers();
    return new VolatilityMap(
        truths, scaffold, scaffold.stream().filter(alsoSmall::contains).toList());
  }
}
