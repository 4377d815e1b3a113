package dev.witnessmark.fingerprint;

import java.util.Optional;
import java.util.OptionalLong;

/** The number of the block that a tensor's name says it belongs to. */
public final class BlockNumber {

  private static final long LARGEST = 0xFFFF_FFFFL;

  /** Digits of {@link #LARGEST}; leading zeros may make a number longer. */
  private static final int MOST_DIGITS = 10;

  private BlockNumber() {}

  /**
   * What stands between the first {@code blk.}, or else the first {@code layers.}, and the next
   * dot, if it is an unsigned number of 32 bits. A vision tower that counts {@code layers.} too
   * shares these numbers with the language model.
   */
  public static OptionalLong of(String name) {
    return between(name, "blk.")
        .or(() -> between(name, "layers."))
        .map(BlockNumber::parse)
        .orElse(OptionalLong.empty());
  }

  private static Optional<String> between(String name, String prefix) {
    int at = name.indexOf(prefix);
    int end = at < 0 ? -1 : name.indexOf('.', at + prefix.length());
    return end < 0 ? Optional.empty() : Optional.of(name.substring(at + prefix.length(), end));
  }

  private static OptionalLong parse(String text) {
    String digits = text.startsWith("+") ? text.substring(1) : text;
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    String significant = digits.replaceFirst("^0+(?=.)", "");
    if (significant.length() > MOST_DIGITS) {
      return OptionalLong.empty();
    }
    long number = Long.parseLong(significant);
    return number <= LARGEST ? OptionalLong.of(number) : OptionalLong.empty();
  }
}
