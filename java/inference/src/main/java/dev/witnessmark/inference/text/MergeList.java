package dev.witnessmark.inference.text;

import dev.witnessmark.format.Refusal;
import java.util.ArrayList;
import java.util.List;

/** Merges as a file has them, by text, checked against its vocabulary. */
final class MergeList {

  /** More than three times as many as the largest tokenizer known has. */
  static final int MOST = 1 << 21;

  private final Vocabulary vocabulary;
  private final String subject;
  private final List<Merge> merges = new ArrayList<>();

  /**
   * An empty one.
   *
   * @param subject what the file calls it, for messages
   */
  MergeList(Vocabulary vocabulary, String subject) {
    this.vocabulary = vocabulary;
    this.subject = subject;
  }

  /**
   * Adds the merge of two tokens.
   *
   * @param at where the file has it, or -1
   * @throws Refusal.Malformed if one of them, or what they make, is no token
   * @throws Refusal.Unsupported if there are more than two million
   */
  void add(String left, String right, long at) throws Refusal {
    if (merges.size() == MOST) {
      throw new Refusal.Unsupported(
          vocabulary.file(),
          subject,
          at,
          "there are more than %d, which ".formatted(MOST) + Tokenizers.NOT_SUPPORTED);
    }
    known(left + right, at);
    merges.add(new Merge(known(left, at), known(right, at)));
  }

  /**
   * Adds the merge of two tokens with a space between them.
   *
   * @throws Refusal.Malformed also if there is not exactly one space
   */
  void add(String pair, long at) throws Refusal {
    int space = pair.indexOf(' ');
    if (space < 0 || pair.indexOf(' ', space + 1) >= 0) {
      throw new Refusal.Malformed(
          vocabulary.file(),
          subject,
          at,
          "'%s' is not two tokens with a space between".formatted(pair));
    }
    add(pair.substring(0, space), pair.substring(space + 1), at);
  }

  /** What was added, in that order. */
  List<Merge> merges() {
    return merges;
  }

  private int known(String token, long at) throws Refusal {
    int id = vocabulary.id(token);
    if (id < 0) {
      throw new Refusal.Malformed(
          vocabulary.file(), subject, at, "'%s' is no token".formatted(token));
    }
    return id;
  }
}
