package dev.witnessmark.causal.diff;

import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Projection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What several diffs together say of each projection: does it shift?
 *
 * @param pooled true where rows of all diffs were counted together, whatever their order; false
 *     where each diff in turn revised what those before it said, so that later ones weigh more
 * @param byProjection the truth of each projection that any diff has rows of
 */
public record RevisedTruths(boolean pooled, Map<Projection, Truth> byProjection) {

  /** Above this a projection counts as shifted. */
  private static final float SHIFTED = 0.5f;

  /** Above this it varies. */
  private static final float VARIABLE = 0.3f;

  /** Diffs in their order, each as evidence {@code shifted/rows}. */
  public static RevisedTruths inOrder(List<CausalResult> diffs) {
    Map<Projection, Truth> truths = byLabel();
    for (CausalResult diff : diffs) {
      diff.projections()
          .forEach((projection, shift) -> {
            if (shift.shift().rows() > 0) {
              Truth before = truths.getOrDefault(projection, Truth.IGNORANCE);
              truths.put(projection, before.revisedByDiff(shift.shift().evidence()));
            }
          });
    }
    return new RevisedTruths(false, truths);
  }

  /** Rows of all diffs counted together. */
  public static RevisedTruths pooled(List<CausalResult> diffs) {
    Map<Projection, Shift> rows = byLabel();
    for (CausalResult diff : diffs) {
      diff.projections()
          .forEach((projection, shift) -> rows.merge(projection, shift.shift(), Shift::plus));
    }
    Map<Projection, Truth> truths = byLabel();
    rows.forEach((projection, shift) -> {
      if (shift.rows() > 0) {
        truths.put(projection, shift.evidence());
      }
    });
    return new RevisedTruths(true, truths);
  }

  private static <V> Map<Projection, V> byLabel() {
    return new TreeMap<>(Comparator.comparing(Projection::label));
  }

  /** {@code SHIFTED}, {@code variable} or {@code STABLE}. */
  public static String label(Truth truth) {
    if (truth.frequency() > SHIFTED) {
      return "SHIFTED";
    }
    return truth.frequency() > VARIABLE ? "variable" : "STABLE";
  }
}
