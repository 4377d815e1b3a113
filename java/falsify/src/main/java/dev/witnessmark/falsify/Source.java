package dev.witnessmark.falsify;

import java.util.Locale;

/** Where a reference figure comes from. */
public enum Source {
  /** It was published with the experiment. */
  PUBLISHED,
  /** It was computed from the definition by another program. */
  RECOMPUTED;

  /** The name in results. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
