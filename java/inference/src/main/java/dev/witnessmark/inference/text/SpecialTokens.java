package dev.witnessmark.inference.text;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Tokens that are no text.
 *
 * @param before put in front of every text
 * @param after put behind every text
 * @param begin begins a text, whether or not it is put there
 * @param ends end a text; the first is the one that the model calls so
 */
record SpecialTokens(
    List<Integer> before, List<Integer> after, OptionalInt begin, Set<Integer> ends) {

  SpecialTokens {
    before = List.copyOf(before);
    after = List.copyOf(after);
    ends = Collections.unmodifiableSet(new LinkedHashSet<>(ends));
  }
}
