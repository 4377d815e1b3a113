package dev.witnessmark.parity.compare;

import dev.witnessmark.capture.Capture;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The stages that two captures have in common.
 *
 * @param keys in forward order
 * @param skipped what only one side has, or not at the same length, a line each
 */
record Pairing(SortedSet<StageKey> keys, List<String> skipped) {

  /** Stages that a refusal names. */
  private static final int NAMED = 12;

  /**
   * Pairs two captures.
   *
   * @param common whether stages without a partner are skipped
   * @throws CouldNotCompare if the tokens or numbers of positions differ, a stage has no partner of
   *     its length and {@code common} is not set, or nothing is left
   */
  static Pairing of(CaptureSide a, CaptureSide b, boolean common) throws CouldNotCompare {
    requireSameInput(a, b);
    SortedSet<StageKey> keys = new TreeSet<>();
    List<String> skipped = new ArrayList<>();
    SortedSet<StageKey> all = new TreeSet<>(a.capture().stages().keySet());
    all.addAll(b.capture().stages().keySet());
    for (StageKey key : all) {
      TensorView left = a.capture().stages().get(key);
      TensorView right = b.capture().stages().get(key);
      if (left == null || right == null) {
        skipped.add("%s is only in %s".formatted(key, left == null ? b.name() : a.name()));
      } else if (!left.shape().equals(right.shape())) {
        skipped.add(
            "%s is %s in %s and %s in %s"
                .formatted(key, left.shape(), a.name(), right.shape(), b.name()));
      } else {
        keys.add(key);
      }
    }
    String list =
        String.join("; ", skipped.subList(0, Math.min(NAMED, skipped.size())))
            + (skipped.size() > NAMED ? "; and %d more".formatted(skipped.size() - NAMED) : "");
    if (keys.isEmpty()) {
      throw new CouldNotCompare(
          "%s and %s have no stage in common%s"
              .formatted(
                  a.capture().path(), b.capture().path(), list.isEmpty() ? "" : ": " + list));
    }
    if (!skipped.isEmpty() && !common) {
      throw new CouldNotCompare(
          "%d stages have no partner: %s; --common compares the others"
              .formatted(skipped.size(), list));
    }
    return new Pairing(keys, skipped);
  }

  private static void requireSameInput(CaptureSide a, CaptureSide b) throws CouldNotCompare {
    Capture left = a.capture();
    Capture right = b.capture();
    if (left.positions() > 0 && right.positions() > 0 && left.positions() != right.positions()) {
      throw new CouldNotCompare(
          "%s has %d positions and %s has %d: capture the same input on both sides"
              .formatted(a.name(), left.positions(), b.name(), right.positions()));
    }
    List<Integer> ours = left.tokens();
    List<Integer> theirs = right.tokens();
    if (ours.isEmpty() || theirs.isEmpty() || ours.equals(theirs)) {
      return;
    }
    if (ours.size() != theirs.size()) {
      throw new CouldNotCompare(
          "%s has %d tokens and %s has %d: capture the same input on both sides"
              .formatted(a.name(), ours.size(), b.name(), theirs.size()));
    }
    int at = 0;
    while (ours.get(at).equals(theirs.get(at))) {
      at++;
    }
    throw new CouldNotCompare(
        "at position %d the token is %d in %s and %d in %s: capture the same input on both sides"
            .formatted(at, ours.get(at), a.name(), theirs.get(at), b.name()));
  }
}
