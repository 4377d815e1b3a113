package dev.witnessmark.explain.candidate;

/** What a candidate is made of. */
public enum Family {
  UNEMBEDDING("W:unembed", Axis.READ),
  READ("W:read", Axis.READ),
  WRITE("W:write", Axis.WRITE),
  WRITE_NOT_READ("W:write-not-read", Axis.WRITE),
  OUTPUT_VALUE("W:OV", Axis.WRITE),
  MLP("W:MLP", Axis.WRITE),
  QUERY_KEY("W:QK", Axis.MIXED),
  CLEAN("act:clean", Axis.MIXED),
  BASELINE("act:baseline", Axis.MIXED),
  PERSONA("act:persona", Axis.MIXED),
  ATTENTION_SELECTED("act:attn-selected", Axis.MIXED),
  UP_PROJECTION("act:up_proj", Axis.MIXED),
  ACTIVE_MLP("act:MLP", Axis.MIXED),
  CLUSTER("act:cluster", Axis.MIXED),
  ROTATION("act:rotation", Axis.MIXED),
  COMPOUND("compound", Axis.MIXED),
  CEILING("ceiling", Axis.CEILING);

  private final String label;
  private final Axis axis;

  Family(String label, Axis axis) {
    this.label = label;
    this.axis = axis;
  }

  /** The published name. */
  public String label() {
    return label;
  }

  public Axis axis() {
    return axis;
  }
}
