package dev.witnessmark.causal.gate;

import java.util.List;

/**
 * Experts that are chosen alike: each is nearer than the threshold to at least one other of the
 * group; two of them may be further apart.
 *
 * @param experts numbers in the block's list, ascending
 */
public record ExpertGroup(List<Integer> experts) {

  public ExpertGroup {
    experts = List.copyOf(experts);
  }
}
