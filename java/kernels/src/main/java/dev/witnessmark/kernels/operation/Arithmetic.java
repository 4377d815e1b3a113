package dev.witnessmark.kernels.operation;

/** Which rules the numbers follow. One is never taken for the other: who wants it, asks for it. */
public enum Arithmetic {
  /** The numerics contract: the same bits on every implementation and device. */
  CANONICAL,
  /** Another order of the same operations, or other operations, within a derived budget. */
  FAST
}
