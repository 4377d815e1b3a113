package dev.witnessmark.cli;

import java.util.List;

/** What the launcher says about the terminal: Java cannot ask about single streams. */
final class Terminal {

  private static final List<String> STREAMS =
      List.of(System.getProperty("witnessmark.terminal", "").split(",", -1));

  private Terminal() {}

  /** True if people watch standard error. */
  static boolean watchesErrors() {
    return STREAMS.contains("err");
  }
}
