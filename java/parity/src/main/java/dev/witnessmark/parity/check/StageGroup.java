package dev.witnessmark.parity.check;

import dev.witnessmark.inference.IsolatedStages;
import dev.witnessmark.model.transformer.StageKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Stages that are looked at together, because what they need fits into memory.
 *
 * @param judged these stages, in forward order
 * @param needed they and their inputs
 */
record StageGroup(List<StageKey> judged, Set<StageKey> needed) {

  StageGroup {
    judged = List.copyOf(judged);
    needed = Set.copyOf(needed);
  }

  /**
   * All stages, in forward order.
   *
   * @param most bytes of float32 that a group may need; a stage that needs more by itself is alone
   */
  static List<StageGroup> of(IsolatedStages<?> stages, StageSizes sizes, long most) {
    List<StageGroup> groups = new ArrayList<>();
    List<StageKey> judged = new ArrayList<>();
    Set<StageKey> needed = new HashSet<>();
    long bytes = 0;
    for (StageKey key : stages.stages()) {
      Set<StageKey> more = new HashSet<>(stages.inputs(key));
      more.add(key);
      more.removeAll(needed);
      if (!judged.isEmpty() && Math.addExact(bytes, bytes(more, sizes)) > most) {
        groups.add(new StageGroup(judged, needed));
        judged.clear();
        more.addAll(stages.inputs(key));
        needed.clear();
        bytes = 0;
      }
      judged.add(key);
      needed.addAll(more);
      bytes += bytes(more, sizes);
    }
    groups.add(new StageGroup(judged, needed));
    return groups;
  }

  private static long bytes(Set<StageKey> keys, StageSizes sizes) {
    return keys.stream().mapToLong(sizes::elements).reduce(0, Math::addExact) * Float.BYTES;
  }
}
