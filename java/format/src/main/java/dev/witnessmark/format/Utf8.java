package dev.witnessmark.format;

/**
 * Checks bytes for well-formed UTF-8 as they pass by: no overlong forms, no surrogates, nothing
 * above U+10FFFF (table 3-7 of the Unicode standard).
 */
public final class Utf8 {

  private int pending;
  private int lowest = 0x80;
  private int highest = 0xBF;

  /** Whether {@code bytes} are well-formed, all of them. */
  public static boolean wellFormed(byte[] bytes) {
    Utf8 check = new Utf8();
    for (byte next : bytes) {
      if (!check.accept(next)) {
        return false;
      }
    }
    return check.complete();
  }

  /** Whether {@code next} may come here. Once false, the rest has no meaning. */
  public boolean accept(byte next) {
    int b = next & 0xFF;
    if (pending > 0) {
      boolean ok = b >= lowest && b <= highest;
      pending--;
      lowest = 0x80;
      highest = 0xBF;
      return ok;
    }
    if (b < 0x80) {
      return true;
    }
    if (b < 0xC2 || b > 0xF4) {
      return false;
    }
    pending = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
    switch (b) {
      case 0xE0 -> lowest = 0xA0;
      case 0xED -> highest = 0x9F;
      case 0xF0 -> lowest = 0x90;
      case 0xF4 -> highest = 0x8F;
      default -> {}
    }
    return true;
  }

  /** Whether no character is left unfinished. */
  public boolean complete() {
    return pending == 0;
  }
}
