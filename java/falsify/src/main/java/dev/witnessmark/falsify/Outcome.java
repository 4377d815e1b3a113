package dev.witnessmark.falsify;

import java.util.Locale;

/** What follows for a hypothesis. */
public enum Outcome {
  CONFIRMED,
  REJECTED,
  NOT_SHOWN;

  /** The name in results. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
