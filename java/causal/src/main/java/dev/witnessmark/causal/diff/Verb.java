package dev.witnessmark.causal.diff;

/** What an edge says. A diff only ever says {@link #BECOMES}. */
public enum Verb {
  BECOMES(0),
  SUPPORTS(1),
  CONTRADICTS(2);

  private final int code;

  Verb(int code) {
    this.code = code;
  }

  /** The number in a packed edge. */
  public int code() {
    return code;
  }

  /** The verb of a number of two bits; 3, which nothing writes, reads as {@link #CONTRADICTS}. */
  public static Verb ofCode(int code) {
    return switch (code) {
      case 0 -> BECOMES;
      case 1 -> SUPPORTS;
      default -> CONTRADICTS;
    };
  }
}
