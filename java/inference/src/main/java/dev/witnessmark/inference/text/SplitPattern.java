package dev.witnessmark.inference.text;

import java.util.Arrays;
import java.util.Optional;

/**
 * The regular expressions that text is split by. Only these are run: the matcher has a limit for
 * backtracking, which a hostile expression reaches, and then it ends the process.
 */
enum SplitPattern {
  /** English contractions, words, numbers, other signs, each with a space before it. */
  GPT2("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
  /** The same without runs of white space, which are what is left. */
  GPT2_WORDS("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"),
  /** Numbers of three digits at most. */
  LLAMA3(
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  /** Numbers digit by digit. */
  QWEN2(
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  /** The same, and marks are parts of words. */
  QWEN35(
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  /** Words split where small letters end and large ones begin. */
  TEKKEN(
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  LINE_BREAK("[\r\n]"),
  LETTERS("\\s?\\p{L}+"),
  MARKS("\\s?\\p{P}+"),
  IDEOGRAPHS("[一-龥ࠀ-一가-퟿]+"),
  PUNCTUATION("[\\p{P}\\$\\+<=>\\^~\\|]+"),
  NUMBERS("\\p{N}+"),
  UP_TO_THREE_DIGITS("\\p{N}{1,3}"),
  ONE_DIGIT("\\p{N}"),
  THREE_DIGITS("[0-9][0-9][0-9]");

  private final String text;

  SplitPattern(String text) {
    this.text = text;
  }

  /** The expression, in the syntax of Oniguruma. */
  String text() {
    return text;
  }

  /** The pattern that is written {@code text}. */
  static Optional<SplitPattern> of(String text) {
    return Arrays.stream(values()).filter(pattern -> pattern.text.equals(text)).findFirst();
  }
}
