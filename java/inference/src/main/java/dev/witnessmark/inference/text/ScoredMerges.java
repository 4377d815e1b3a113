package dev.witnessmark.inference.text;

import dev.witnessmark.format.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The merges of a SentencePiece vocabulary, which has a score for each token instead: two
 * neighbours become one if that is a token, the one of the highest score first. Equal scores go by
 * id.
 */
final class ScoredMerges {

  /**
   * Every way to take a token apart is looked at. SentencePiece makes tokens of 16 characters
   * unless told otherwise.
   */
  private static final int LONGEST_TOKEN = 128;

  /**
   * How long the tokens that merges make may be together: the encoder is given each merge as text.
   * Four times what the largest tokenizer known has.
   */
  private static final long MOST_CHARACTERS = 1L << 25;

  private static final Comparator<ScoredMerge> BEST_FIRST =
      Comparator.comparingDouble((ScoredMerge merge) -> -merge.score)
          .thenComparingInt(ScoredMerge::result)
          .thenComparingInt(merge -> merge.merge.left())
          .thenComparingInt(merge -> merge.merge.right());

  private record ScoredMerge(float score, int result, Merge merge) {}

  private final Vocabulary vocabulary;
  private final List<ScoredMerge> merges = new ArrayList<>();
  private long characters;

  ScoredMerges(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /**
   * Adds every merge of two tokens whose result is the token {@code id}, an ordinary one.
   *
   * @throws Refusal.Malformed if the score is NaN
   * @throws Refusal.Unsupported if the token is too long, or there are too many merges
   */
  void add(int id, String token, float score) throws Refusal {
    if (Float.isNaN(score)) {
      throw new Refusal.Malformed(vocabulary.file(), token, -1, "its score is NaN");
    }
    if (token.length() > LONGEST_TOKEN) {
      throw new Refusal.Unsupported(
          vocabulary.file(),
          token,
          -1,
          "has %d characters, a token of this kind may have %d"
              .formatted(token.length(), LONGEST_TOKEN));
    }
    for (int at = 1; at < token.length(); at++) {
      int left = vocabulary.id(token.substring(0, at));
      int right = left < 0 ? -1 : vocabulary.id(token.substring(at));
      if (right >= 0) {
        merges.add(new ScoredMerge(score, id, new Merge(left, right)));
        characters += token.length();
      }
    }
    if (merges.size() > MergeList.MOST || characters > MOST_CHARACTERS) {
      throw new Refusal.Unsupported(
          vocabulary.file(),
          token,
          -1,
          "with it there are %d merges of %d characters; there may be %d of %d"
              .formatted(merges.size(), characters, MergeList.MOST, MOST_CHARACTERS));
    }
  }

  /** All merges, the best first. */
  List<Merge> merges() {
    merges.sort(BEST_FIRST);
    return merges.stream().map(ScoredMerge::merge).toList();
  }
}
