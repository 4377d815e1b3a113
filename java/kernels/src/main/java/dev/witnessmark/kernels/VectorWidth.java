package dev.witnessmark.kernels;

import jdk.incubator.vector.VectorShape;

/** Width of the vectors that the kernels of this process use. */
public final class VectorWidth {

  private static final int BITS =
      Integer.getInteger("witnessmark.vectorBits", VectorShape.preferredShape().vectorBitSize());

  private VectorWidth() {}

  /** 128, 256 or 512. */
  public static int bits() {
    return BITS;
  }
}
