package dev.witnessmark.report;

import java.util.ArrayList;
import java.util.List;

/** Running text in lines that fit a terminal. */
final class Paragraph {

  /** Columns of a line. */
  static final int WIDTH = 100;

  private Paragraph() {}

  /**
   * The lines of {@code text}, broken at blanks.
   *
   * @param first what the first line begins with; the others are indented as far
   */
  static List<String> lines(String first, String text) {
    int indent = first.codePointCount(0, first.length());
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(first);
    int width = indent;
    boolean begun = false;
    for (String word : text.split(" ", -1)) {
      int length = word.codePointCount(0, word.length());
      if (begun && width + 1 + length > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(" ".repeat(indent));
        width = indent;
        begun = false;
      }
      line.append(begun ? " " : "").append(word);
      width += length + (begun ? 1 : 0);
      begun = true;
    }
    lines.add(line.toString());
    return lines;
  }
}
