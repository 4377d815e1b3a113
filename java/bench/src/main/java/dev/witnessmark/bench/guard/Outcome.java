package dev.witnessmark.bench.guard;

/** What became of a cell. */
public enum Outcome {
  /** More time than noise explains. */
  SLOWER("slower"),
  /** Less time than noise explains. */
  FASTER("faster"),
  /** No change beyond noise, and a change worth an alarm would have been seen. */
  SAME("same"),
  /** Noise, the clock, the timer or too few samples hide the answer. */
  UNCLEAR("unclear"),
  /** There is nothing to compare with, or nothing that may be compared. */
  NOT_COMPARED("not-compared");

  private final String label;

  Outcome(String label) {
    this.label = label;
  }

  /** The name for machines. */
  public String label() {
    return label;
  }

  /** The name for people. */
  public String words() {
    return label.replace('-', ' ');
  }

  /** Whether a change was found. */
  public boolean changed() {
    return this == SLOWER || this == FASTER;
  }
}
