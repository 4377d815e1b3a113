package dev.witnessmark.falsify.experiment;

/** The signs of the errors of 015: + where (13·i + 7) mod 17 is below 8. */
final class Signs {

  private Signs() {}

  static int of(int i) {
    return (13 * i + 7) % 17 < 8 ? 1 : -1;
  }
}
