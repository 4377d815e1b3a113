package dev.witnessmark.report;

import dev.witnessmark.format.Printable;
import java.util.Arrays;
import java.util.Optional;

/** Shows token ids as text, where a model says how. */
@FunctionalInterface
public interface TokenText {

  /** No text for any token. */
  TokenText NONE = tokens -> Optional.empty();

  /** The text of some tokens that follow each other. */
  Optional<String> of(int... tokens);

  /** The text in quotes, safe to print; the ids where there is none. */
  default String quoted(int... tokens) {
    return of(tokens)
        .map(text -> "\"" + Printable.of(text.replace("\n", "⏎")) + "\"")
        .orElse(Arrays.toString(tokens));
  }
}
