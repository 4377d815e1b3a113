package dev.witnessmark.causal.gate;

import dev.witnessmark.fingerprint.Fingerprint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The experts of one block, by the rows of its routers.
 *
 * @param block the block; empty for routers whose names say none
 * @param routers names of the routers, whose experts are listed one after the other
 * @param experts number of experts
 * @param pairs pairs of experts
 * @param redundantPairs pairs nearer than the threshold
 * @param nearPairs pairs nearer than one of a hundred pairs of unrelated experts; 0 where that is
 *     not known
 * @param nearestPairs pairs nearer than all pairs of unrelated experts that were measured
 * @param meanDistance mean L1 distance of all pairs, 0 where there are none
 * @param smallestDistance smallest L1 distance of a pair, 0 where there are none
 * @param redundancy what this means against {@link UnrelatedExperts}
 * @param groups experts that chains of redundant pairs connect, by their first member
 */
public record RoutedBlock(
    OptionalLong block,
    List<String> routers,
    int experts,
    long pairs,
    long redundantPairs,
    long nearPairs,
    long nearestPairs,
    double meanDistance,
    int smallestDistance,
    Redundancy redundancy,
    List<ExpertGroup> groups) {

  /** Standard deviations above what is expected that are no chance. */
  private static final double BEYOND = 4;

  public RoutedBlock {
    routers = List.copyOf(routers);
    groups = List.copyOf(groups);
  }

  /**
   * Measures all pairs of a block.
   *
   * @param fingerprints of its experts, in order
   * @param threshold pairs strictly nearer are redundant
   */
  static RoutedBlock of(
      OptionalLong block,
      List<String> routers,
      short[] fingerprints,
      long threshold,
      UnrelatedExperts unrelated) {
    int experts = fingerprints.length / Fingerprint.DIMENSIONS;
    int[] leader = new int[experts];
    long total = 0;
    long redundant = 0;
    long near = 0;
    long nearest = 0;
    int smallest = Integer.MAX_VALUE;
    for (int i = 0; i < experts; i++) {
      leader[i] = i;
    }
    for (int i = 0; i < experts; i++) {
      for (int j = i + 1; j < experts; j++) {
        int distance =
            Fingerprint.distance(
                fingerprints, i * Fingerprint.DIMENSIONS, fingerprints, j * Fingerprint.DIMENSIONS);
        total += distance;
        smallest = Math.min(smallest, distance);
        near += distance < unrelated.near() ? 1 : 0;
        nearest += distance < unrelated.smallest() ? 1 : 0;
        if (distance < threshold) {
          redundant++;
          join(leader, i, j);
        }
      }
    }
    long pairs = (long) experts * (experts - 1) / 2;
    return new RoutedBlock(
        block,
        routers,
        experts,
        pairs,
        redundant,
        near,
        nearest,
        pairs == 0 ? 0 : (double) total / (double) pairs,
        pairs == 0 ? 0 : smallest,
        judge(pairs, near, nearest, unrelated),
        groups(leader));
  }

  private static Redundancy judge(long pairs, long near, long nearest, UnrelatedExperts unrelated) {
    if (!unrelated.known() || pairs == 0) {
      return Redundancy.UNKNOWN;
    }
    return beyondChance(near, pairs * UnrelatedExperts.NEAR_SHARE)
            || beyondChance(nearest, (double) pairs / unrelated.pairs())
        ? Redundancy.BEYOND_CHANCE
        : Redundancy.AS_UNRELATED;
  }

  /** Counts of rare pairs vary as those of Poisson do; one pair more proves nothing. */
  private static boolean beyondChance(long count, double expected) {
    return count > 1 + expected + BEYOND * Math.sqrt(expected);
  }

  /** Joins two sets; the smaller number leads. */
  private static void join(int[] leader, int i, int j) {
    int a = find(leader, i);
    int b = find(leader, j);
    leader[Math.max(a, b)] = Math.min(a, b);
  }

  private static int find(int[] leader, int i) {
    int at = i;
    while (leader[at] != at) {
      leader[at] = leader[leader[at]];
      at = leader[at];
    }
    return at;
  }

  private static List<ExpertGroup> groups(int[] leader) {
    Map<Integer, List<Integer>> members = new LinkedHashMap<>();
    for (int i = 0; i < leader.length; i++) {
      members.computeIfAbsent(find(leader, i), each -> new ArrayList<>()).add(i);
    }
    return members.values().stream()
        .filter(group -> group.size() > 1)
        .map(ExpertGroup::new)
        .toList();
  }

  /** Share of redundant pairs, 0 where there are none. */
  public double redundantShare() {
    return pairs == 0 ? 0 : (double) redundantPairs / (double) pairs;
  }
}
