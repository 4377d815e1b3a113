package dev.witnessmark.verdict;

/** The exit codes of every command: the one table. */
public enum ExitCode {
  /** Same, or within the budget; not slower. */
  SAME(0),
  /** Something differs, or got slower. */
  DIFFERS(1),
  /** The command line makes no sense. */
  USAGE(2),
  /** Bad file, nothing matched, something skipped that was asked for, device missing. */
  COULD_NOT_COMPARE(3),
  /** Noise hides the answer. */
  INCONCLUSIVE(4),
  /** A defect of this program. */
  INTERNAL_ERROR(5),
  /** Stopped by the user. */
  INTERRUPTED(130);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
