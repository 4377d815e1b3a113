package dev.witnessmark.inference.text;

/**
 * A token that is looked for in the text before anything else, whole.
 *
 * @param id in the vocabulary
 * @param singleWord found only between characters that are no letters
 * @param leftStrip takes the white space before it
 * @param rightStrip takes the white space after it
 * @param normalized looked for after normalisation
 */
record AddedToken(
    int id, boolean singleWord, boolean leftStrip, boolean rightStrip, boolean normalized) {

  /** One that is found wherever its text is. */
  static AddedToken plain(int id) {
    return new AddedToken(id, false, false, false, false);
  }
}
