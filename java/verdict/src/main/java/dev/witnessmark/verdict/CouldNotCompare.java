package dev.witnessmark.verdict;

import java.io.IOException;

/** What was asked for cannot be done here; nothing was compared. */
public final class CouldNotCompare extends IOException {
  public CouldNotCompare(String reason) {
    super(reason);
  }
}
