package dev.witnessmark.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A name whose numeric components are taken out: {@code blk.3.attn_q.weight} is the pattern {@code
 * blk.#.attn_q.weight} with the number 3. One pass, so that looking up a million names is linear.
 *
 * @param pattern the name with {@code #} in place of each number
 * @param numbers the numbers in order
 */
record NumberedName(String pattern, List<Integer> numbers) {

  /** Longer digit runs are not block numbers. */
  private static final int LONGEST_NUMBER = 7;

  static NumberedName of(String name) {
    List<Integer> numbers = new ArrayList<>(2);
    StringBuilder pattern = new StringBuilder(name.length());
    int start = 0;
    while (start <= name.length()) {
      int dot = name.indexOf('.', start);
      int end = dot < 0 ? name.length() : dot;
      if (isNumber(name, start, end)) {
        numbers.add(Integer.parseInt(name, start, end, 10));
        pattern.append('#');
      } else {
        pattern.append(name, start, end);
      }
      if (dot < 0) {
        break;
      }
      pattern.append('.');
      start = dot + 1;
    }
    return new NumberedName(pattern.toString(), numbers);
  }

  private static boolean isNumber(String name, int start, int end) {
    if (end == start || end - start > LONGEST_NUMBER) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
