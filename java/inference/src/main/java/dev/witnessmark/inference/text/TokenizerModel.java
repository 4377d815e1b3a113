package dev.witnessmark.inference.text;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A tokenizer by byte-pair encoding as data: all that decides which ids a text has.
 *
 * @param spelling how its tokens are written
 * @param merges the first has precedence
 * @param added found in the text as a whole
 * @param unknown id of what stands for characters without a token, or -1
 * @param fuseUnknown whether neighbouring unknown characters are one token
 * @param byteFallback whether such characters are the tokens {@code <0x00>} to {@code <0xFF>} of
 *     their bytes, if there are such
 * @param ignoreMerges whether a piece that is a token is not merged from its characters
 * @param normalizers in order
 * @param preTokenizers in order
 */
record TokenizerModel(
    Vocabulary vocabulary,
    Spelling spelling,
    List<Merge> merges,
    List<AddedToken> added,
    int unknown,
    boolean fuseUnknown,
    boolean byteFallback,
    boolean ignoreMerges,
    List<Normalizer> normalizers,
    List<PreTokenizer> preTokenizers,
    SpecialTokens special) {

  TokenizerModel {
    merges = List.copyOf(merges);
    added = List.copyOf(added);
    normalizers = List.copyOf(normalizers);
    preTokenizers = List.copyOf(preTokenizers);
  }

  /** The bytes of text that the token of this id stands for; none if there is no such token. */
  byte[] bytes(int id) {
    String text = vocabulary.text(id);
    if (text == null) {
      return new byte[0];
    }
    return vocabulary.isVerbatim(id) ? text.getBytes(StandardCharsets.UTF_8) : spelling.bytes(text);
  }

  /**
   * Whether something stands for a character: its token, the tokens of its bytes, or the one for
   * what is unknown. What nothing stands for would vanish from the text.
   */
  boolean covers(int codePoint) {
    String character = Character.toString(codePoint);
    if (unknown >= 0
        || (spelling == Spelling.SENTENCE_PIECE
            && vocabulary.id(character.replace(" ", Spelling.SPACE)) >= 0)) {
      return true;
    }
    if (spelling == Spelling.SENTENCE_PIECE && !byteFallback) {
      return false;
    }
    for (byte value : character.getBytes(StandardCharsets.UTF_8)) {
      if (vocabulary.id(spelling.token(value)) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether encoding puts a space in front of the text, which decoding takes away. */
  boolean prefixesSpace() {
    return normalizers.contains(Normalizer.PREFIX_SPACE)
        || preTokenizers.stream().anyMatch(PreTokenizer::prefixesSpace);
  }
}
