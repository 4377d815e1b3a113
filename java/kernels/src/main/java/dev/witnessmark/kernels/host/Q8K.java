package dev.witnessmark.kernels.host;

/** Where the parts of a block of Q8_K activations lie: a float32, 256 codes, 16 sums of 16. */
final class Q8K {

  static final int BYTES = 292;
  static final int CODES = 4;
  static final int SUMS = 260;
  static final int SUM_COUNT = 16;

  private Q8K() {}
}
