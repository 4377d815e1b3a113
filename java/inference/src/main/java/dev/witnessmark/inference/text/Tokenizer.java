package dev.witnessmark.inference.text;

import dev.witnessmark.verdict.CouldNotCompare;
import java.util.OptionalInt;
import java.util.Set;

/** Text to token ids and back, for one model. Safe for use by several threads. */
public interface Tokenizer extends AutoCloseable {

  /**
   * The ids of {@code text}, with those that the model's configuration puts before and after a
   * text. The names of special tokens in it ({@code <|endoftext|>}) are those tokens.
   *
   * @throws CouldNotCompare if there is no native code for this machine, or the text is too long,
   *     or holds a lone surrogate or a character that no token stands for
   */
  int[] encode(String text) throws CouldNotCompare;

  /**
   * The text that {@code ids} are: the inverse of {@link #encode}. Ids that the model has no token
   * for have no text; bytes that are no UTF-8 become U+FFFD.
   */
  String decode(int... ids);

  /** The text of ids that come one after the other, to be put behind text that is already there. */
  TextStream stream();

  /** One more than the highest id of a token. The model's embedding may have more rows. */
  int size();

  /** The token that begins a text, where the model knows one. */
  OptionalInt begin();

  /** The tokens that end a text, the one that the model calls so first. */
  Set<Integer> ends();

  @Override
  void close();
}
