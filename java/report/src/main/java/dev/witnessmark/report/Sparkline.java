package dev.witnessmark.report;

import java.util.List;

/** A row of numbers as a row of bars, from zero to the largest. */
final class Sparkline {

  private static final String LEVELS = "▁▂▃▄▅▆▇█";

  private Sparkline() {}

  /**
   * One bar for each value.
   *
   * @param values none below zero
   */
  static String of(List<Double> values) {
    double largest = values.stream().mapToDouble(value -> value).max().orElse(0);
    StringBuilder bars = new StringBuilder();
    for (double value : values) {
      int level = largest > 0 ? (int) Math.ceil(value / largest * LEVELS.length()) - 1 : 0;
      bars.append(LEVELS.charAt(Math.clamp(level, 0, LEVELS.length() - 1)));
    }
    return bars.toString();
  }
}
