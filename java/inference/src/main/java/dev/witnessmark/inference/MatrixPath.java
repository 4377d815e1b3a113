package dev.witnessmark.inference;

import java.util.Locale;

/** How a matrix product is computed. */
public enum MatrixPath {
  /** Weights are decoded and multiplied by float32 activations. */
  F32,
  /** Activations are quantised to blocks; the product inside a block is of integers. */
  Q8;

  /** The name in results and on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
