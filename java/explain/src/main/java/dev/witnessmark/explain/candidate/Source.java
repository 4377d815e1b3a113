package dev.witnessmark.explain.candidate;

/** Where a candidate comes from. */
public enum Source {
  V5("v5"),
  PLAN("external-v6-plan"),
  TUNING("B-side"),
  /** Not in the published sweep. */
  EXTENSION("extension");

  private final String label;

  Source(String label) {
    this.label = label;
  }

  /** The published tag. */
  public String label() {
    return label;
  }
}
