package dev.witnessmark.explain.candidate;

/**
 * Which side of the hidden state a candidate speaks of. Rankings never mix reading with the rest.
 */
public enum Axis {
  /** What the model reads: a share of what a delta writes there is coincidence of two spaces. */
  READ("read"),
  /** What the model writes. */
  WRITE("write"),
  /** Activations, which are both. */
  MIXED("mixed"),
  /** Made from what is to be explained: never a hypothesis, never ranked. */
  CEILING("ceiling");

  private final String label;

  Axis(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
