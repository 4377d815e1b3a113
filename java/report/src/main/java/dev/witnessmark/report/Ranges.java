package dev.witnessmark.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Numbers and words in running text. */
final class Ranges {

  private Ranges() {}

  /** For example {@code 0, 2–4, 7}. */
  static String of(Collection<Integer> numbers) {
    List<String> ranges = new ArrayList<>();
    Integer start = null;
    Integer previous = null;
    for (int number : new TreeSet<>(numbers)) {
      if (start == null || previous == null) {
        start = number;
      } else if (number != previous + 1) {
        ranges.add(range(start, previous));
        start = number;
      }
      previous = number;
    }
    if (start != null && previous != null) {
      ranges.add(range(start, previous));
    }
    return String.join(", ", ranges);
  }

  private static String range(int first, int last) {
    return first == last ? Integer.toString(first) : first + "–" + last;
  }

  /** For example {@code q, k and o}. */
  static String and(List<String> words) {
    return words.size() < 2
        ? String.join("", words)
        : String.join(", ", words.subList(0, words.size() - 1)) + " and " + words.getLast();
  }
}
