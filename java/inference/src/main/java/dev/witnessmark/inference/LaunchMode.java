package dev.witnessmark.inference;

import java.util.Locale;

/** How a device is given its work. */
public enum LaunchMode {
  /** Step by step. */
  EAGER,
  /** Recorded as a graph, which is then launched as a whole. */
  GRAPH;

  /** The name in results and on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
