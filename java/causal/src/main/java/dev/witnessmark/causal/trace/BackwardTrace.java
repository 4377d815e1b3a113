package dev.witnessmark.causal.trace;

import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Fingerprint;
import java.util.ArrayList;
import java.util.List;

/**
 * From an effect back: the nearest candidate is taken for its cause, the nearest to that for the
 * cause of the cause, and so on.
 *
 * @param steps from the effect backwards
 */
public record BackwardTrace(List<Step> steps) {

  /**
   * One step back.
   *
   * @param candidate number of the candidate
   * @param distance its distance from the step before, never 0
   * @param truth {@code f = 1 − distance/1114095}, {@code c = 1 − 1/(steps + 2)}, at most 0.99
   */
  public record Step(int candidate, int distance, Truth truth) {}

  public BackwardTrace {
    steps = List.copyOf(steps);
  }

  /**
   * Traces {@code effect} back.
   *
   * @param candidates what may be a cause; equals of the current one are passed over
   * @param depth most steps
   * @param threshold the largest distance of a step
   * @param revisit whether a candidate may come again. The original way, but then a trace soon
   *     swings between two neighbours until {@code depth} ends it.
   */
  public static BackwardTrace of(
      Fingerprint effect,
      List<Fingerprint> candidates,
      int depth,
      long threshold,
      boolean revisit) {
    boolean[] visited = new boolean[candidates.size()];
    List<Step> steps = new ArrayList<>();
    Fingerprint current = effect;
    while (steps.size() < depth) {
      int nearest = -1;
      int smallest = Integer.MAX_VALUE;
      for (int i = 0; i < candidates.size(); i++) {
        int distance = current.distance(candidates.get(i));
        if (distance > 0 && distance < smallest && !(visited[i] && !revisit)) {
          nearest = i;
          smallest = distance;
        }
      }
      if (nearest < 0 || smallest > threshold) {
        break;
      }
      float frequency = 1f - (float) ((double) smallest / Fingerprint.LARGEST_DISTANCE);
      steps.add(new Step(nearest, smallest, new Truth(frequency, confidence(steps.size()))));
      visited[nearest] = true;
      current = candidates.get(nearest);
    }
    return new BackwardTrace(steps);
  }

  /** {@code min(1 − 1/(steps + 2), 0.99)}. */
  private static float confidence(int steps) {
    return Truth.confidenceOf(steps + 1L);
  }
}
