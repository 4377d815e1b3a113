package dev.witnessmark.format;

/** The rules for names of tensors and metadata keys. */
public final class Name {

  private Name() {}

  /**
   * Refuses {@code name} if it is empty, above the limit or not text. Line breaks and other control
   * characters pass, as JSON can escape them.
   *
   * @param name decoded from strict UTF-8 or from JSON
   * @param offset where it is in the file
   * @throws Refusal.Malformed if it is empty or holds NUL or a lone surrogate
   * @throws Refusal.LimitExceeded if it is longer than {@link Limits#nameBytes()}
   */
  public static void check(String file, String name, long offset, Limits limits) throws Refusal {
    if (name.isEmpty()) {
      throw new Refusal.Malformed(file, "name", offset, "is empty");
    }
    long bytes = 0;
    for (int i = 0; i < name.length(); ) {
      int c = name.codePointAt(i);
      if (c == 0 || Character.getType(c) == Character.SURROGATE) {
        throw noText(file, name, offset, c);
      }
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      i += Character.charCount(c);
    }
    if (bytes > limits.nameBytes()) {
      throw new Refusal.LimitExceeded(
          file, "name", offset, "its length in bytes", bytes, limits.nameBytes());
    }
  }

  /**
   * As {@link #check}, for containers whose names have no control characters at all.
   *
   * @throws Refusal.Malformed also if it holds a control character
   */
  public static void checkPlain(String file, String name, long offset, Limits limits)
      throws Refusal {
    check(file, name, offset, limits);
    for (int i = 0; i < name.length(); i++) {
      if (Character.isISOControl(name.charAt(i))) {
        throw noText(file, name, offset, name.charAt(i));
      }
    }
  }

  private static Refusal noText(String file, String name, long offset, int character) {
    return new Refusal.Malformed(file, name, offset, "the name holds U+%04X".formatted(character));
  }
}
