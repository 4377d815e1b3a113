package dev.witnessmark.inference.text;

import dev.witnessmark.format.Refusal;
import java.util.ArrayList;
import java.util.List;

/** Added tokens as a file has them, put into its vocabulary. */
final class AddedTokenList {

  /** Ten times as many as any tokenizer has. */
  static final int MOST = 1 << 16;

  /** The encoder builds an automaton of their characters. */
  private static final int MOST_CHARACTERS = 1 << 20;

  private final Vocabulary vocabulary;
  private final List<AddedToken> tokens = new ArrayList<>();
  private int characters;

  AddedTokenList(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /**
   * Adds {@code token}, whose text is {@code content}.
   *
   * @param at where the file has it, or -1
   * @throws Refusal.Inconsistent if the vocabulary has this text with another id
   * @throws Refusal.Duplicate if it has the id with another text
   * @throws Refusal.Unsupported if there are too many, or they are too long
   */
  void add(AddedToken token, String content, long at) throws Refusal {
    if (tokens.size() == MOST) {
      throw unsupported(at, "more than %d of them".formatted(MOST));
    }
    if (content.length() > MOST_CHARACTERS - characters) {
      throw unsupported(at, "more than %d characters of them".formatted(MOST_CHARACTERS));
    }
    characters += content.length();
    vocabulary.addVerbatim(content, token.id(), at);
    tokens.add(token);
  }

  /** What was added, in that order. */
  List<AddedToken> tokens() {
    return tokens;
  }

  private Refusal unsupported(long at, String what) {
    return new Refusal.Unsupported(
        vocabulary.file(), "added tokens", at, what + " " + Tokenizers.NOT_SUPPORTED);
  }
}
