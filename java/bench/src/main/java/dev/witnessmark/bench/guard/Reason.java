package dev.witnessmark.bench.guard;

/** Why a cell has no answer. */
public enum Reason {
  /** So few forks or samples cannot reach the level of significance. */
  TOO_FEW("too-few"),
  /** One process a side, of a kind of device where processes differ by more than their samples. */
  ONE_FORK("one-fork"),
  /** The device held its clock back during more samples than may be dropped. */
  THROTTLED("throttled"),
  /** Noise is larger than the change that has to be seen. */
  NOISE("noise"),
  /** The medians differ, but ranks or the interval do not say so firmly. */
  NOT_SIGNIFICANT("not-significant"),
  /** The timer does not tell such times apart. */
  BELOW_TIMER("below-timer"),
  /** Time and cycles contradict each other: the clock changed. */
  CLOCK("clock"),
  /** Only one half of the samples shows the change. */
  NOT_STEADY("not-steady"),
  /** A second measurement did not show the change again. */
  NOT_CONFIRMED("not-confirmed"),
  /** The new side did not measure it. */
  ONLY_IN_OLD("only-in-old"),
  /** The old side did not measure it. */
  ONLY_IN_NEW("only-in-new"),
  /** Measured on another device or path, or with other threads. */
  OTHER_CONDITIONS("other-conditions"),
  /** Every sample of a side was throttled. */
  ALL_THROTTLED("all-throttled");

  private final String label;

  Reason(String label) {
    this.label = label;
  }

  /** The name for machines. */
  public String label() {
    return label;
  }
}
