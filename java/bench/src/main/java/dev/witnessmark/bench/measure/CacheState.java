package dev.witnessmark.bench.measure;

import java.util.Locale;

/** What the last-level cache holds when a launch begins. */
public enum CacheState {
  /** Nothing of the operands: buffers rotate through several times the size of the cache. */
  COLD,
  /** What the launch before left there: the same buffers every time. */
  WARM;

  /** The name in results. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
