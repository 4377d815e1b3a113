package dev.witnessmark.inference.text;

import dev.witnessmark.format.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens of a model by text and by id; each text has one id and each id one text. */
final class Vocabulary {

  /** Four times the largest vocabulary known; ids below this can be indices of an array. */
  static final int MOST_TOKENS = 1 << 20;

  private final String file;
  private final Map<String, Integer> ids = new HashMap<>();
  private final List<@Nullable String> texts = new ArrayList<>();
  private final BitSet verbatim = new BitSet();

  /**
   * An empty one.
   *
   * @param file for messages
   */
  Vocabulary(String file) {
    this.file = file;
  }

  /**
   * Adds the token {@code text}.
   *
   * @param at where the file has it, or -1
   * @throws Refusal.Duplicate if another token has this text or this id
   * @throws Refusal.Malformed if the text is none
   * @throws Refusal.Unsupported if the id is not below {@link #MOST_TOKENS}
   */
  void add(String text, long id, long at) throws Refusal {
    if (id < 0 || id >= MOST_TOKENS) {
      throw new Refusal.Unsupported(
          file,
          text,
          at,
          "its id is %d, the highest supported is %d".formatted(id, MOST_TOKENS - 1));
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new Refusal.Malformed(file, "token " + id, at, "holds a lone surrogate");
    }
    Integer other = ids.putIfAbsent(text, (int) id);
    if (other != null) {
      throw new Refusal.Duplicate(
          file, text, at, "tokens %d and %d are both this text".formatted(other, id));
    }
    while (texts.size() <= id) {
      texts.add(null);
    }
    String taken = texts.set((int) id, text);
    if (taken != null) {
      throw new Refusal.Duplicate(
          file, text, at, "has the id %d, which '%s' has".formatted(id, taken));
    }
  }

  /**
   * Makes {@code text} stand for itself, whatever the vocabulary's spelling, and adds it if it is
   * not there.
   *
   * @throws Refusal.Inconsistent if it is there with another id
   */
  void addVerbatim(String text, long id, long at) throws Refusal {
    Integer known = ids.get(text);
    if (known == null) {
      add(text, id, at);
    } else if (known != id) {
      throw new Refusal.Inconsistent(file, text, at, "the id of the added token", id, known);
    }
    verbatim.set((int) id);
  }

  /** The id of the token {@code text}, or -1. */
  int id(String text) {
    return ids.getOrDefault(text, -1);
  }

  /** The token of this id, if there is one. */
  @Nullable String text(int id) {
    return id < 0 || id >= texts.size() ? null : texts.get(id);
  }

  /** Whether the token of this id stands for itself. */
  boolean isVerbatim(int id) {
    return verbatim.get(id);
  }

  /** One more than the highest id. */
  int size() {
    return texts.size();
  }

  /** The file, for messages. */
  String file() {
    return file;
  }
}
