package dev.witnessmark.kernels.decode;

/** Fields of a float32. */
final class FloatBits {

  static final int SIGN = 1 << 31;
  static final int EXPONENT = 0x7f80_0000;
  static final int EXPONENT_ONE = 1 << 23;
  static final int BIAS = 127;

  private FloatBits() {}
}
