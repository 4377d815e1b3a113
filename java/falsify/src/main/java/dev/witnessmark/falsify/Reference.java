package dev.witnessmark.falsify;

/**
 * What a measured figure is held against.
 *
 * @param text the figure to its last digit, minus sign as {@code -}
 * @param source where it comes from
 */
public record Reference(String text, Source source) {

  public static Reference published(String text) {
    return new Reference(text, Source.PUBLISHED);
  }

  public static Reference recomputed(String text) {
    return new Reference(text, Source.RECOMPUTED);
  }

  /** Digits behind the point of a number. */
  static int decimals(String text) {
    int point = text.indexOf('.');
    return point < 0 ? 0 : text.length() - point - 1;
  }
}
