package dev.witnessmark.report;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns: text to the left, numbers to the right. */
final class Table {

  /** Side to which a column is pushed. */
  enum Align {
    LEFT,
    RIGHT
  }

  private final List<Align> aligns;
  private final List<List<String>> rows = new ArrayList<>();

  Table(Align... aligns) {
    this.aligns = List.of(aligns);
  }

  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, each behind {@code indent}, columns two spaces apart. */
  List<String> lines(String indent) {
    int[] widths = new int[aligns.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        String padding = " ".repeat(widths[i] - width(cell));
        line.append(i == 0 ? "" : "  ");
        line.append(aligns.get(i) == Align.LEFT ? cell + padding : padding + cell);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
