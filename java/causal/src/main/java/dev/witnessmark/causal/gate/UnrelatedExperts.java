package dev.witnessmark.causal.gate;

import dev.witnessmark.fingerprint.Fingerprint;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The null for experts: how far apart rows of routers of different blocks are. They never compete
 * for a token, so nothing makes them alike.
 *
 * @param pairs random pairs that were measured; 0 where routers are in one block only
 * @param mean mean distance
 * @param near the distance below which one of a hundred unrelated pairs is
 * @param smallest smallest distance
 * @param largest largest distance
 */
public record UnrelatedExperts(int pairs, double mean, int near, int smallest, int largest) {

  static final UnrelatedExperts NONE = new UnrelatedExperts(0, Double.NaN, 0, 0, 0);

  private static final int PAIRS = 4096;

  /** Share of unrelated pairs that are nearer than {@link #near}. */
  static final double NEAR_SHARE = 0.01;

  /** Whether anything was measured. */
  public boolean known() {
    return pairs > 0;
  }

  /**
   * Measures random pairs; the same ones in every run.
   *
   * @param blocks fingerprints of the experts of each block
   */
  static UnrelatedExperts of(List<short[]> blocks) {
    List<short[]> filled = blocks.stream().filter(experts -> experts.length > 0).toList();
    if (filled.size() < 2) {
      return NONE;
    }
    SplittableRandom random = new SplittableRandom(0);
    int[] distances = new int[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      int first = random.nextInt(filled.size());
      int second = (first + 1 + random.nextInt(filled.size() - 1)) % filled.size();
      short[] a = filled.get(first);
      short[] b = filled.get(second);
      distances[i] = Fingerprint.distance(a, randomRow(random, a), b, randomRow(random, b));
    }
    Arrays.sort(distances);
    return new UnrelatedExperts(
        PAIRS,
        Arrays.stream(distances).average().orElseThrow(),
        distances[(int) (PAIRS * NEAR_SHARE)],
        distances[0],
        distances[PAIRS - 1]);
  }

  private static int randomRow(SplittableRandom random, short[] experts) {
    return Fingerprint.DIMENSIONS * random.nextInt(experts.length / Fingerprint.DIMENSIONS);
  }
}
