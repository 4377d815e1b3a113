package dev.witnessmark.capture;

import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The stages of a model that are captured; {@link TraceRequest#of} makes it.
 *
 * @param keys each of them, in forward order, at least one
 */
public record TracePlan(SortedSet<StageKey> keys) {

  public TracePlan {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("a plan of no stage");
    }
    keys = Collections.unmodifiableSortedSet(new TreeSet<>(keys));
  }

  /** Whether {@code stage} is captured; {@code layer} only counts if it belongs to one. */
  public boolean wants(Stage stage, int layer) {
    return (stage.scope() != Stage.Scope.FIRST_LAYER || layer == 0)
        && keys.contains(StageKey.of(stage, layer));
  }
}
