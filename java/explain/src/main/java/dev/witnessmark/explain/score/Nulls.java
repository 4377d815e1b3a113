package dev.witnessmark.explain.score;

import dev.witnessmark.explain.algebra.Basis;
import java.util.HashMap;
import java.util.Map;

/** The nulls of the targets of one layer, each found once. */
public final class Nulls {

  private record Key(Target target, int rank) {}

  private final Null.Mode mode;
  private final Basis removed;
  private final int layer;
  private final Map<Key, Null> found = new HashMap<>();

  /**
   * @param removed what was taken off the targets
   * @param layer whose they are: draws of different layers differ
   */
  public Nulls(Null.Mode mode, Basis removed, int layer) {
    this.mode = mode;
    this.removed = removed;
    this.layer = layer;
  }

  /** What random subspaces of {@code rank} reach on {@code target}. */
  public Null of(Target target, int rank) {
    return switch (mode) {
      case Null.Mode.Exact() -> Null.exact(target, rank);
      case Null.Mode.Sampled(int draws, long seed) ->
          found.computeIfAbsent(
              new Key(target, rank),
              key -> Null.sampled(target, rank, removed, draws, seed + 97L * layer + rank));
    };
  }

  /** The mean that a score is held against: 1 exactly, or what the draws gave. */
  double expected(Null found) {
    return mode instanceof Null.Mode.Exact ? 1 : found.mean();
  }
}
