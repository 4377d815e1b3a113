package dev.witnessmark.format;

/** Text from untrusted files, made safe to print on a terminal. */
public final class Printable {

  private Printable() {}

  /**
   * {@code text} with control characters (escape sequences among them), bidirectional controls and
   * lone surrogates replaced by their {@code \\u} escapes.
   */
  public static String of(String text) {
    if (text.codePoints().allMatch(Printable::harmless)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(c -> {
          if (harmless(c)) {
            safe.appendCodePoint(c);
          } else {
            safe.append("\\u").append("%04x".formatted(c));
          }
        });
    return safe.toString();
  }

  private static boolean harmless(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
