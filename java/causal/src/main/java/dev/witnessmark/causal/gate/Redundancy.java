package dev.witnessmark.causal.gate;

/** Whether experts of a block are chosen alike more often than unrelated ones would be. */
public enum Redundancy {
  /** More pairs than chance gives are nearer than one of a hundred, or than all, unrelated ones. */
  BEYOND_CHANCE("beyond chance"),
  /** No more than that. */
  AS_UNRELATED("as unrelated rows"),
  /** There are no unrelated rows to hold them against, or no pairs. */
  UNKNOWN("unknown: no null");

  private final String label;

  Redundancy(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
