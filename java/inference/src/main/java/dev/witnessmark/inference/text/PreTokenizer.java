package dev.witnessmark.inference.text;

/** How text is split into the pieces that merges do not cross. */
sealed interface PreTokenizer {

  /** Whether a space may be put in front of the text. */
  default boolean prefixesSpace() {
    return false;
  }

  /**
   * Bytes become characters ({@link Spelling#BYTE_LEVEL}).
   *
   * @param prefixSpace puts a space in front of text that has none there
   * @param words splits as {@link SplitPattern#GPT2} does
   */
  record ByteLevel(boolean prefixSpace, boolean words) implements PreTokenizer {
    @Override
    public boolean prefixesSpace() {
      return prefixSpace;
    }
  }

  /**
   * Each match of a pattern is a piece.
   *
   * @param rest whether what lies between matches is kept, as pieces of its own
   */
  record Split(SplitPattern pattern, boolean rest) implements PreTokenizer {}

  /** Digits are split from the rest, and from each other if {@code each}. */
  record Digits(boolean each) implements PreTokenizer {}

  /**
   * Spaces become {@link Spelling#SPACE}.
   *
   * @param prefix when one is put in front
   * @param split whether a piece begins at each
   */
  record Metaspace(Prefix prefix, boolean split) implements PreTokenizer {

    /** Where {@link Metaspace} puts a space in front. */
    enum Prefix {
      NEVER,
      /** Of the text. */
      FIRST,
      /** Of the text, and after every added token. */
      ALWAYS
    }

    @Override
    public boolean prefixesSpace() {
      return prefix != Prefix.NEVER;
    }
  }
}
